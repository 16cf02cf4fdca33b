"""Penalties of faces that have many strangers near: none in a small library, and the linkage is that of the penalised pairs."""

from __future__ import annotations

import numpy as np

from facelib.clustering.cluster import cluster
from facelib.clustering.cohort_normalization import MIN_COHORT, cohort_penalties
from facelib.clustering.linkage import link
from facelib.clustering.observations import Observations
from facelib.evaluation.groups import b_cubed
from facelib.thresholds import Thresholds
from tests.synthetic import around, unit


def two_crowds(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """60 people all over the sphere and 60 in a narrow part of it, five faces each; who, and whether in the crowd."""
    rng = np.random.default_rng(seed)
    pole = unit(rng.normal(size=(1, 128)))
    centres = np.concatenate([unit(rng.normal(size=(60, 128))), unit(1.3 * pole + unit(rng.normal(size=(60, 128))))])
    truth = np.repeat(np.arange(120), 5)
    crowded = truth >= 60
    return around(rng, centres[truth], 0.5) * 1.0, truth, crowded


def strict(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return link(sums, counts, 0.3)


def test_those_in_a_crowd_are_penalised_and_nobody_gains() -> None:
    faces, _, crowded = two_crowds()
    found = cohort_penalties(faces, np.ones(len(faces), dtype=int), 0.7, 1.0, strict)
    assert found.shape == (600,) and found.min() == 0
    assert found[crowded].min() > 0.1 and (found[~crowded] == 0).mean() > 0.9
    assert not cohort_penalties(faces, np.ones(len(faces), dtype=int), 0.9, 0.0, strict).any()


def test_a_small_library_is_no_crowd_and_order_and_size_do_not_matter() -> None:
    faces, _, _ = two_crowds()
    assert not cohort_penalties(faces[: MIN_COHORT - 1], np.ones(MIN_COHORT - 1, dtype=int), 0.9, 1.0, strict).any()
    few = np.repeat(faces[::5][: MIN_COHORT - 1], 50, axis=0)
    assert not cohort_penalties(few, np.ones(len(few), dtype=int), 0.9, 1.0, strict).any()
    order = np.random.default_rng(1).permutation(len(faces))
    ones = np.ones(len(faces), dtype=int)
    found = cohort_penalties(faces, ones, 0.9, 1.0, strict)
    assert found.any() and np.allclose(cohort_penalties(faces[order], ones, 0.9, 1.0, strict), found[order], atol=1e-5)
    assert np.allclose(cohort_penalties(7 * faces, 7 * ones, 0.9, 1.0, strict), found, atol=1e-5)


def test_the_linkage_is_that_of_the_pairs_with_their_penalties() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    rng = np.random.default_rng(2)
    faces = around(rng, unit(rng.normal(size=(12, 16)))[rng.integers(0, 12, 150)], 0.9)
    penalty = rng.random(150).astype(np.float32) * 0.3 - 0.1
    distances = 1 - faces.astype(np.float64) @ faces.T + (penalty[:, None] + penalty[None]) / 2
    np.fill_diagonal(distances, 0)
    for cut in (0.3, 0.5, 0.7):
        reference = fcluster(linkage(squareform(distances, checks=False), "average"), cut - 1e-9, "distance")
        found = link(faces, np.ones(150), cut, penalty=penalty)
        assert ((found[:, None] == found) == (reference[:, None] == reference)).all()


def test_a_crowd_is_not_run_together() -> None:
    faces, truth, crowded = two_crowds()
    n, minus = len(faces), np.full(len(faces), -1)
    observations = Observations(faces, np.zeros((n, 0)), np.arange(n), minus, np.ones(n), minus, minus)
    bare = Thresholds().override({"group_threshold": 0.2, "pair_threshold": 0.4, "linkage_threshold": 0.55})
    mixed, parted = (cluster(observations, bare.override({"stranger_distance": 0.7, "cohort_weight": c})).clusters for c in (0.0, 1.0))
    assert b_cubed(mixed[crowded], truth[crowded]).precision < 0.5 < 0.95 < b_cubed(parted[crowded], truth[crowded]).precision
    assert b_cubed(parted[~crowded], truth[~crowded]).f == b_cubed(mixed[~crowded], truth[~crowded]).f > 0.99
