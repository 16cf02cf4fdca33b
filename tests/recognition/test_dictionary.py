"""The dictionary holds people and strangers, only reliable faces, and an update of it gives what a new one would."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.recognition.dictionary import ClusteredFaces, build_dictionary, choose_strangers, update_dictionary
from facelib.recognition.identify import identify
from facelib.records import NO_PERSON, UNKNOWN
from facelib.thresholds import Thresholds
from tests.synthetic import album, around, unit

THRESHOLDS = Thresholds().override({"pair_threshold": 0.3})


def library(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three people of ten faces each, the first with a name, and forty strangers seen once: faces, clusters, persons."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(43, 64)))
    clusters = np.concatenate([np.repeat(np.arange(3), 10), np.arange(3, 43)])
    return around(rng, centres[clusters], 0.4), clusters, np.where(np.arange(43) == 0, 7, -1)


def clustered(faces: np.ndarray, clusters: np.ndarray, person: np.ndarray) -> ClusteredFaces:
    return ClusteredFaces(faces, clusters, np.ones(len(faces)), np.full(len(faces), np.nan), person)


def rows_of(faces: np.ndarray, clusters: np.ndarray, person: np.ndarray, thresholds: Thresholds = THRESHOLDS) -> np.ndarray:
    return build_dictionary(clustered(faces, clusters, person), thresholds)


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
    picked = choose_strangers(loose, named, THRESHOLDS.override({"strangers": 3}))
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
        answer = identify(double[None], alike[rows], np.append(clusters, 43)[rows], np.append(person, -1), thresholds)
        assert (answer.share[0] > share) if not strangers_allowed else (answer.person[0] != 7 or answer.standing[0] == UNKNOWN)


def test_unreliable_faces_are_never_in_it() -> None:
    made = album(unreliable=0.3, people=4, photos=40)
    o = made.observations
    rows = build_dictionary(ClusteredFaces(o.faces, made.truth, o.reliability, made.seconds, np.array([3, -1, -1, -1])), THRESHOLDS)
    assert (o.reliability[rows] >= THRESHOLDS.min_reliability).all() and len(rows)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(0, 60))
def test_an_update_of_all_clusters_is_a_new_dictionary(seed: int, strangers: int) -> None:
    faces, clusters, person = library(seed)
    thresholds = THRESHOLDS.override({"strangers": strangers})
    rows = rows_of(faces, clusters, person, thresholds)
    current = np.isin(np.arange(len(faces)), rows)
    assert update_dictionary(clustered(faces, clusters, person), np.ones(43, dtype=bool), current, thresholds).tolist() == rows.tolist()


def test_an_update_chooses_in_changed_clusters_only_and_into_the_room_that_is_left() -> None:
    faces, clusters, person = library()
    person[1] = 8
    current = np.isin(np.arange(len(faces)), rows_of(faces, clusters, person)) & (clusters != 1)
    changed = np.arange(43) == 1
    rows = update_dictionary(clustered(faces, clusters, person), changed, current, THRESHOLDS)
    assert len(rows) and (clusters[rows] == 1).all()
    full = THRESHOLDS.override({"dictionary": 100})
    kept = current & (np.cumsum(current) <= 99)
    assert len(update_dictionary(clustered(faces, clusters, person), changed, kept, full)) >= 1, "a named person has one in any case"
    person[1] = NO_PERSON
    many = THRESHOLDS.override({"dictionary": 100, "strangers": 0})
    crowded = np.isin(clusters, [0, 2])
    assert len(update_dictionary(clustered(faces, clusters, person), changed, crowded, many)) <= 80
