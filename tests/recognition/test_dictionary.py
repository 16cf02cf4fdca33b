from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.recognition.dictionary import compose, strangers
from facelib.recognition.exemplars import rations
from facelib.recognition.identify import UNKNOWN, assign
from facelib.thresholds import Thresholds
from tests.synthetic import album, around, unit

THRESHOLDS = Thresholds().override({"pair_threshold": 0.3})


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=60), st.integers(100, 600))
def test_rations_keep_the_dictionary_bounded_and_named_people_in_it(clusters: list[tuple[int, bool]], room: int) -> None:
    size, named = np.array([s for s, _ in clusters]), np.array([n for _, n in clusters])
    thresholds = THRESHOLDS.override({"dictionary": room})
    most = rations(size, named, thresholds)
    assert np.minimum(size, most).sum() <= room and most.max() <= thresholds.exemplars
    assert (most[named & (size > 0)] >= 1).all()
    assert most[named].min(initial=thresholds.exemplars) >= min(most[~named].max(initial=0), thresholds.exemplars)


def library(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three people of ten faces each, the first with a name, and forty strangers seen once: faces, clusters, persons."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(43, 64)))
    clusters = np.concatenate([np.repeat(np.arange(3), 10), np.arange(3, 43)])
    return around(rng, centres[clusters], 0.4), clusters, np.where(np.arange(43) == 0, 7, -1)


def rows_of(faces: np.ndarray, clusters: np.ndarray, person: np.ndarray, thresholds: Thresholds = THRESHOLDS) -> np.ndarray:
    return compose(faces, clusters, np.ones(len(faces)), np.full(len(faces), np.nan), person, thresholds)


def test_people_and_strangers_are_in_it_once() -> None:
    faces, clusters, person = library()
    rows = rows_of(faces, clusters, person)
    assert sorted(clusters[rows].tolist()) == clusters.tolist() and len(np.unique(rows)) == len(rows)
    few = rows_of(faces, clusters, person, THRESHOLDS.override({"strangers": 5}))
    assert (clusters[few] >= 3).sum() == 5
    assert not (clusters[rows_of(faces, clusters, np.full(43, -1))] >= 3).any()


def test_a_lone_face_that_may_be_somebody_takes_no_side() -> None:
    faces, clusters, person = library()
    near = unit(faces[:10].mean(axis=0))[None]
    rows = rows_of(np.concatenate([faces, near]), np.append(clusters, 43), np.append(person, -1))
    assert 70 not in rows


def test_the_strangers_most_like_somebody_come_first() -> None:
    faces = library()[0]
    loose, named = faces[30:], faces[:10]
    picked = strangers(loose, named, THRESHOLDS.override({"strangers": 3}))
    distance = 1 - (loose @ named.T).max(axis=1)
    assert set(picked.tolist()) == set(np.argsort(distance)[:3].tolist())


def test_strangers_in_the_library_keep_strangers_from_being_named() -> None:
    """One person in the dictionary gets every share; with passers-by in it, one who looks like them is not that person."""
    rng = np.random.default_rng(4)
    faces, clusters, person = library()
    double = unit(0.5 * faces[0] + faces[35])
    alike = np.concatenate([faces, around(rng, double[None], 0.2)])
    loose = THRESHOLDS.override({"likely_score": 2.0, "likely_distance": 2.0})
    for strangers_allowed, share in ((0, 0.9), (100, 0.5)):
        thresholds = loose.override({"strangers": strangers_allowed})
        rows = rows_of(alike, np.append(clusters, 43), np.append(person, -1), thresholds)
        rows = rows[np.isin(clusters[np.minimum(rows, 69)], [0, *range(3, 43)]) | (rows == 70)]
        answer = assign(double[None], alike[rows], np.append(clusters, 43)[rows], np.append(person, -1), thresholds)
        assert (answer.share[0] > share) if not strangers_allowed else (answer.person[0] != 7 or answer.standing[0] == UNKNOWN)


def test_unreliable_faces_are_never_in_it() -> None:
    made = album(unreliable=0.3, people=4, photos=40)
    o = made.observations
    rows = compose(o.faces, made.truth, o.reliability, made.seconds, np.array([3, -1, -1, -1]), THRESHOLDS)
    assert (o.reliability[rows] >= THRESHOLDS.min_reliability).all() and len(rows)
