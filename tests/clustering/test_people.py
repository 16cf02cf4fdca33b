"""Named clusters count as people; guests, posters, mixed and small clusters do not."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering.people import (
    FEW,
    LISTED,
    MIXED,
    ONE_MOMENT,
    ONE_PICTURE,
    Occasions,
    count_occasions,
    distance_across_occasions,
    nearest_other,
    occasion_labels,
    people,
    unlisted_reasons,
)
from facelib.clustering.sums import intra_distances, sum_by_label
from facelib.thresholds import Thresholds
from tests.synthetic import album, around, unit

THRESHOLDS = Thresholds()


def test_spread_and_nearest_are_the_mean_pairwise_distances() -> None:
    made = album(people=4, photos=15)
    faces, truth = made.observations.faces, made.truth
    distances = 1 - faces.astype(np.float64) @ faces.T
    sums, counts = sum_by_label(faces, truth, 4)
    within, between = intra_distances(sums, counts), nearest_other(sums, counts, np.arange(4), np.arange(4))
    for k in range(4):
        block = distances[np.ix_(truth == k, truth == k)]
        assert np.isclose(within[k], block[np.triu_indices(len(block), 1)].mean(), atol=1e-5)
        means = [distances[np.ix_(truth == k, truth == j)].mean() for j in range(4) if j != k]
        assert np.isclose(between[k], min(means), atol=1e-5)


def test_small_loose_and_unreliable_clusters_are_nobody_but_named_ones_always_count() -> None:
    rng = np.random.default_rng(0)
    centre = unit(rng.normal(size=(1, 64)))
    tight = around(rng, np.repeat(unit(rng.normal(size=(1, 64))), 5, axis=0), 0.3)
    loose, beside = unit(rng.normal(size=(5, 64)) + 6 * centre * np.array([[1], [1], [0], [0], [0]])), unit(centre)
    faces = np.concatenate([tight, tight[:2], loose, around(rng, np.repeat(beside, 5, axis=0), 0.3)])
    clusters = np.array([0] * 5 + [1] * 2 + [2] * 5 + [3] * 5)
    reliability = np.ones(17)
    unnamed = np.full(5, -1)
    chosen = people(faces, clusters, reliability, unnamed, THRESHOLDS)
    assert not chosen[1] and not chosen[2] and chosen[3] and not chosen[4]
    assert people(faces, clusters, reliability, np.array([-1, 3, 3, -1, 8]), THRESHOLDS)[[1, 2, 4]].all()
    weak = np.where(clusters == 3, 0.1, 1.0)
    assert not people(faces, clusters, weak, unnamed, THRESHOLDS)[3]


def test_one_cluster_alone_is_a_person() -> None:
    made = album(people=1, photos=5, per_photo=1)
    assert people(made.observations.faces, made.truth, made.observations.reliability, np.array([-1]), THRESHOLDS).tolist() == [True]


def test_a_guest_of_one_moment_and_a_poster_are_nobody_unless_named() -> None:
    rng = np.random.default_rng(4)
    centres = unit(rng.normal(size=(3, 64)))
    faces = np.concatenate([around(rng, np.repeat(centres[:2], 5, axis=0), 0.4), around(rng, np.repeat(centres[2:], 5, axis=0), 0.05)])
    clusters, photo = np.repeat([0, 1, 2], 5), np.arange(15)
    moment = np.array([1, 1, 2, 3, -1, 7, 7, 7, 7, 7, 4, 5, 6, -1, -1])
    occasion = occasion_labels(moment, photo)
    often = count_occasions(clusters, occasion, 3)
    assert often.tolist() == [4, 1, 5]
    sums, counts, unnamed = *sum_by_label(faces, clusters, 3), np.full(3, -1)
    seen = Occasions(often, 20, distance_across_occasions(faces, clusters, occasion, 3))
    assert unlisted_reasons(sums, counts, unnamed, THRESHOLDS, seen).tolist() == [LISTED, ONE_MOMENT, ONE_PICTURE]
    assert people(faces, clusters, np.ones(15), unnamed, THRESHOLDS).tolist() == [True, True, False]
    assert people(faces, clusters, np.ones(15), np.array([-1, 3, 4]), THRESHOLDS).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 30), st.integers(1, 40))
def test_one_moment_is_held_against_nobody_in_a_small_library_nor_against_one_seen_often(
    seed: int, people_there: int, photos: int, moments: int
) -> None:
    made = album(seed, people=people_there, photos=photos)
    sums, counts = sum_by_label(made.observations.faces, made.truth, people_there)
    unnamed = np.full(people_there, -1)
    once = Occasions(np.ones(people_there, dtype=np.int64), moments, np.full(people_there, np.nan))
    found, free = unlisted_reasons(sums, counts, unnamed, THRESHOLDS, once), unlisted_reasons(sums, counts, unnamed, THRESHOLDS)
    seldom = (found == ONE_MOMENT) & (found != free)
    assert ((found == free) | seldom).all()
    assert (seldom <= ((counts < THRESHOLDS.moment_faces) & (moments >= THRESHOLDS.library_moments))).all()
    assert ((found == FEW) == (counts < THRESHOLDS.min_cluster_size)).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.sets(st.integers(0, 9), min_size=1))
def test_asking_for_some_gives_what_asking_for_all_gives(seed: int, asked: set[int]) -> None:
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(10, 16)))
    clusters = rng.integers(0, 10, 60)
    faces = around(rng, centres[clusters], 1.0)
    sums, counts = sum_by_label(faces, clusters, 10)
    person, often = np.where(rng.random(10) < 0.2, 5, -1), Occasions(rng.integers(1, 4, 10), 50, np.full(10, np.nan))
    some = np.array(sorted(asked))
    every = unlisted_reasons(sums, counts, person, THRESHOLDS, often)
    assert unlisted_reasons(sums, counts, person, THRESHOLDS, often, some).tolist() == every[some].tolist()


def test_faces_no_nearer_to_one_another_than_to_somebody_else_are_mixed() -> None:
    rng = np.random.default_rng(5)
    centre = unit(rng.normal(size=(1, 64)))
    faces = np.concatenate([around(rng, np.repeat(centre, 6, axis=0), 1.5), around(rng, np.repeat(centre, 6, axis=0), 0.3)])
    sums, counts = sum_by_label(faces, np.repeat([0, 1], 6), 2)
    assert unlisted_reasons(sums, counts, np.full(2, -1), THRESHOLDS).tolist() == [MIXED, LISTED]


def test_many_shots_of_one_smile_and_one_of_another_day_are_no_picture() -> None:
    rng = np.random.default_rng(6)
    centre = unit(rng.normal(size=(1, 64)))
    smile, other_day = around(rng, centre, 0.4), around(rng, centre, 0.4)
    faces = np.concatenate([around(rng, np.repeat(smile, 40, axis=0), 0.05), other_day])
    clusters, occasion = np.zeros(41, dtype=np.int64), np.repeat([3, 8], [40, 1])
    sums, counts = sum_by_label(faces, clusters, 1)
    assert unlisted_reasons(sums, counts, np.array([-1]), THRESHOLDS).tolist() == [ONE_PICTURE]
    across = distance_across_occasions(faces, clusters, occasion, 1)
    assert np.isclose(across[0], (1 - faces[:40] @ faces[40]).mean(), atol=1e-5)
    assert unlisted_reasons(sums, counts, np.array([-1]), THRESHOLDS, Occasions(np.array([2]), 50, across)).tolist() == [LISTED]
    assert np.isnan(distance_across_occasions(faces[:40], clusters[:40], occasion[:40], 1)).all()
