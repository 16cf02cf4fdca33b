"""Portions end like one run; existing clusters are never split, and named people never mixed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering.cluster import cluster
from facelib.clustering.incremental import ExistingClusters, cluster_new
from facelib.clustering.observations import Observations
from facelib.evaluation.groups import b_cubed
from facelib.thresholds import Thresholds
from tests.synthetic import Album, album, around, unit

THRESHOLDS = Thresholds()


def part(observations: Observations, rows: np.ndarray) -> Observations:
    """Some of the rows; rejections are left out."""
    names = ("faces", "bodies", "photo", "moment", "reliability", "person", "anchor")
    return Observations(**{name: getattr(observations, name)[rows] for name in names})


def in_portions(made: Album, size: int) -> np.ndarray:
    """Clusters of all rows, added a few at a time, as a nightly run would."""
    observations, n = made.observations, len(made.truth)
    held, m = np.full(n, -1, dtype=np.int64), 0
    for start in range(0, n, size):
        new = np.arange(start, min(start + size, n))
        seen = np.arange(new[-1] + 1)
        sums = ExistingClusters.of(part(observations, seen), held[seen], m, THRESHOLDS)
        context = seen[np.isin(observations.moment[seen], observations.moment[new]) | (held[seen] < 0)]
        result = cluster_new(part(observations, context), held[context], sums, THRESHOLDS)
        before = held.copy()
        held = np.where(held >= 0, np.append(result.merged_into, -1)[held], -1)
        held[context] = result.clusters
        kept = before >= 0
        assert (held[kept] == result.merged_into[before[kept]]).all(), "a cluster there was has been split"
        m = max(m, int(result.clusters.max(initial=-1)) + 1)
    return held


@pytest.mark.parametrize("seed", range(3))
def test_portions_end_like_one_run(seed: int) -> None:
    made = album(seed, people=12, photos=150, spread=0.9, faceless=0.05, unreliable=0.1)
    whole = b_cubed(cluster(made.observations, THRESHOLDS).clusters, made.truth)
    pieces = b_cubed(in_portions(made, 30), made.truth)
    assert pieces.precision == 1 and whole.f > 0.8
    assert abs(whole.f - pieces.f) < 0.02


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_named_people_are_neither_mixed_nor_split(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = album(seed, people=3, photos=20, spread=1.0, per_photo=2, unreliable=0.1)
    observations = made.observations
    old = np.arange(24)
    first = cluster(part(observations, old), THRESHOLDS).clusters
    m = int(first.max()) + 1
    names = np.where(rng.random(m) < 0.6, rng.integers(0, 3, m), -1)
    current = np.concatenate([first, np.full(len(observations) - 24, -1)])
    sums = dataclasses.replace(ExistingClusters.of(observations, current, m, THRESHOLDS), person=names)
    copies = [array.copy() for array in (sums.sums, sums.counts, observations.faces)]
    result = cluster_new(observations, current, sums, THRESHOLDS)
    for array, copy in zip((sums.sums, sums.counts, observations.faces), copies, strict=True):
        assert (array == copy).all()
    assert (result.clusters[:24] == np.append(result.merged_into, -1)[first]).all()
    for k in range(m):
        assert len({int(p) for p in names[result.merged_into == k] if p >= 0}) <= 1
        if names[k] >= 0 and result.merged_into[k] != k:
            assert names[result.merged_into[k]] == names[k]
    assert (result.merged_into[result.merged_into] == result.merged_into).all()
    assert (result.clusters[observations.reliable(0.5)] >= 0).all()
    new = result.clusters[24:]
    assert sorted(set(new[new >= m].tolist())) == list(range(m, m + len(set(new[new >= m].tolist()))))


def test_a_new_photo_of_two_people_joins_each_to_his_own() -> None:
    made = album(4, people=2, photos=20, spread=0.4)
    current = np.where(np.arange(40) < 38, made.truth, -1)
    sums = ExistingClusters.of(made.observations, current, 2, THRESHOLDS)
    new = np.array([38, 39])
    result = cluster_new(part(made.observations, new), np.array([-1, -1]), sums, THRESHOLDS)
    assert result.clusters.tolist() == made.truth[38:].tolist()
    assert result.merged_into.tolist() == [0, 1]


def test_into_an_empty_gallery_is_the_whole_run() -> None:
    made = album(5, people=6, photos=40)
    n = len(made.truth)
    none = ExistingClusters.of(made.observations, np.full(n, -1), 0, THRESHOLDS)
    result = cluster_new(made.observations, np.full(n, -1), none, THRESHOLDS)
    assert b_cubed(result.clusters, cluster(made.observations, THRESHOLDS).clusters).f == 1


def test_a_weak_face_does_not_join_a_new_cluster_of_the_person_it_is_not() -> None:
    face = unit(np.ones((1, 16))).repeat(3, axis=0)
    minus = np.full(3, -1)
    for rejected, expected in ([], [0, 0, 0]), ([[2, 5]], [0, 0, -1]):
        observations = Observations(
            face, np.zeros((3, 0)), np.arange(3), minus, np.array([1, 1, 0.1]), np.array([5, -1, -1]), minus, np.array(rejected)
        )
        nobody = ExistingClusters.of(observations, minus, 0, THRESHOLDS)
        assert cluster_new(observations, minus, nobody, THRESHOLDS).clusters.tolist() == expected
        assert cluster(observations, THRESHOLDS).clusters.tolist() == expected


def test_a_poor_photo_that_one_run_takes_in_waits_for_it_when_it_comes_alone() -> None:
    rng = np.random.default_rng(6)
    known = unit(rng.normal(size=(1, 128)))
    poor = unit(known + 1.15 * unit(rng.normal(size=(1, 128))))
    faces = np.concatenate([around(rng, np.repeat(known, 9, axis=0), 0.5), poor])
    minus = np.full(10, -1)
    observations = Observations(faces, np.zeros((10, 0)), np.arange(10), minus, np.ones(10), minus, minus)
    base = THRESHOLDS.override({"pair_threshold": 0.3, "linkage_threshold": 0.4})
    never, margin = (base.override({"singleton_margin": value}) for value in (2.0, 0.06))
    current = np.append(np.zeros(9, dtype=np.int64), -1)
    for thresholds, expected in ((never, 1), (margin, 0)):
        assert cluster(observations, thresholds).clusters.tolist() == [0] * 9 + [expected]
        sums = ExistingClusters.of(observations, current, 1, thresholds)
        alone = cluster_new(part(observations, np.array([9])), np.array([-1]), sums, thresholds)
        assert alone.clusters.tolist() == [1]
