from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.identity.dictionary import YEAR, choose_exemplars
from facelib.thresholds import Thresholds
from tests.synthetic import album, around, unit

THRESHOLDS = Thresholds()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_up_to_so_many_reliable_rows_of_each_cluster(seed: int, k: int) -> None:
    made = album(seed, people=5, photos=40, unreliable=0.2, faceless=0.1)
    observations = made.observations
    rows = choose_exemplars(observations.faces, made.truth, observations.reliability, made.seconds, THRESHOLDS.override({"exemplars": k}))
    assert len(np.unique(rows)) == len(rows)
    assert observations.reliable(THRESHOLDS.min_reliability)[rows].all()
    usable = np.bincount(made.truth[observations.reliable(0.5)], minlength=5)
    assert (np.bincount(made.truth[rows], minlength=5) <= np.minimum(usable, k)).all()
    assert (np.bincount(made.truth[rows], minlength=5) >= np.minimum(usable * 0.7, k).astype(int)).all()


def test_a_wrong_face_in_a_cluster_is_no_exemplar_unless_confirmed() -> None:
    rng = np.random.default_rng(1)
    person, stranger = unit(rng.normal(size=(2, 64)))
    faces = np.concatenate([around(rng, np.repeat(person[None], 12, axis=0), 0.5), stranger[None]])
    clusters, unknown = np.zeros(13, dtype=np.int64), np.full(13, np.nan)
    assert 12 not in choose_exemplars(faces, clusters, np.ones(13), unknown, THRESHOLDS)
    confirmed = np.arange(13) == 12
    assert 12 in choose_exemplars(faces, clusters, np.where(confirmed, 0.1, 1), unknown, THRESHOLDS, confirmed)


def test_exemplars_cover_looks_and_years() -> None:
    rng = np.random.default_rng(2)
    person = unit(rng.normal(size=(1, 64)))
    common = around(rng, np.repeat(person, 50, axis=0), 0.3)
    glasses = around(rng, np.repeat(unit(person + 0.5 * unit(rng.normal(size=(1, 64)))), 3, axis=0), 0.2)
    faces = np.concatenate([common, glasses])
    few = THRESHOLDS.override({"exemplars": 4})
    clusters = np.zeros(53, dtype=np.int64)
    assert max(choose_exemplars(faces, clusters, np.ones(53), np.full(53, np.nan), few)) >= 50
    same_look = around(rng, np.repeat(person, 53, axis=0), 0.05)
    years = np.where(np.arange(53) >= 50, 12 * YEAR, 0.0)
    assert max(choose_exemplars(same_look, clusters, np.ones(53), years, few)) >= 50


def test_no_cluster_no_exemplar() -> None:
    made = album(photos=3)
    nobody = np.full(len(made.truth), -1)
    assert len(choose_exemplars(made.observations.faces, nobody, made.observations.reliability, made.seconds, THRESHOLDS)) == 0
