from __future__ import annotations

import numpy as np

from facelib.identity.selection import moments_of, nearest_other, people, spread
from facelib.thresholds import Thresholds
from tests.synthetic import album, around, unit

THRESHOLDS = Thresholds()


def test_spread_and_nearest_are_the_mean_pairwise_distances() -> None:
    made = album(people=4, photos=15)
    faces, truth = made.observations.faces, made.truth
    distances = 1 - faces.astype(np.float64) @ faces.T
    within, (between, other) = spread(faces, truth, 4), nearest_other(faces, truth, 4)
    for k in range(4):
        block = distances[np.ix_(truth == k, truth == k)]
        assert np.isclose(within[k], block[np.triu_indices(len(block), 1)].mean(), atol=1e-5)
        means = {j: distances[np.ix_(truth == k, truth == j)].mean() for j in range(4) if j != k}
        assert np.isclose(between[k], min(means.values()), atol=1e-5)
        assert other[k] == min(means, key=lambda j: means[j])


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


def test_a_guest_of_one_evening_and_a_poster_are_nobody_unless_named() -> None:
    rng = np.random.default_rng(4)
    centres = unit(rng.normal(size=(3, 64)))
    faces = np.concatenate([around(rng, np.repeat(centres[:2], 5, axis=0), 0.4), around(rng, np.repeat(centres[2:], 5, axis=0), 0.05)])
    clusters, photo = np.repeat([0, 1, 2], 5), np.arange(15)
    moment = np.array([1, 1, 2, 3, -1, 7, 7, 7, 7, 7, 4, 5, 6, -1, -1])
    often = moments_of(clusters, moment, photo, 3)
    assert often.tolist() == [4, 1, 5]
    unnamed = np.full(3, -1)
    assert people(faces, clusters, np.ones(15), unnamed, THRESHOLDS, often).tolist() == [True, False, False]
    assert people(faces, clusters, np.ones(15), unnamed, THRESHOLDS).tolist() == [True, True, False]
    assert people(faces, clusters, np.ones(15), np.array([-1, 3, 4]), THRESHOLDS, often).all()
