"""Groups of pass 1 are pure, lie inside moments, and hold all constraints."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering.constraints import same_photo_pairs
from facelib.clustering.must_link import conflicting_labels
from facelib.clustering.within_moments import group_within_moments
from facelib.evaluation.groups import b_cubed
from facelib.thresholds import Thresholds
from tests.synthetic import album

THRESHOLDS = Thresholds()


def test_groups_are_pure_and_inside_moments() -> None:
    made = album(people=10, photos=80, unreliable=0.2, faceless=0.2)
    groups = group_within_moments(made.observations, THRESHOLDS)
    score = b_cubed(groups, made.truth)
    assert score.precision == 1
    for group in range(groups.max() + 1):
        assert len(np.unique(made.observations.moment[groups == group])) == 1
    assert b_cubed(groups, made.truth * 1000 + made.observations.moment).recall > 0.8


def test_clothes_bring_together_what_the_face_does_not() -> None:
    made = album(people=6, photos=60, spread=1.0)
    blind = dataclasses.replace(made.observations, bodies=np.zeros((len(made.truth), 0)))
    with_body, without = group_within_moments(made.observations, THRESHOLDS), group_within_moments(blind, THRESHOLDS)
    assert b_cubed(with_body, made.truth).precision == 1
    assert b_cubed(with_body, made.truth).recall > b_cubed(without, made.truth).recall + 0.02


def test_a_body_joins_only_an_unambiguous_group_of_its_moment() -> None:
    made = album(people=4, photos=40, faceless=0.3, body_spread=0.1)
    groups = group_within_moments(made.observations, THRESHOLDS)
    bodies = np.flatnonzero(~made.observations.has_face)
    joined = [row for row in bodies if (groups == groups[row]).sum() > 1]
    assert len(joined) > 5
    alone = album(people=3, photos=40, per_photo=1, faceless=0.3)
    o = alone.observations
    alike = dataclasses.replace(o, bodies=np.tile(o.bodies[:1], (len(o), 1)))
    groups = group_within_moments(alike, dataclasses.replace(THRESHOLDS, beta=2.0))
    for row in np.flatnonzero(~o.has_face):
        about = (o.moment == o.moment[row]) & o.has_face
        candidates = len(np.unique(groups[about]))
        assert ((groups == groups[row]).sum() > 1) == (candidates == 1)
    nowhen = dataclasses.replace(made.observations, moment=np.full(len(made.truth), -1))
    assert len(np.unique(group_within_moments(nowhen, THRESHOLDS))) == len(made.truth)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_constraints_hold_and_permuting_only_permutes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = album(seed, people=3, photos=12, per_photo=3, spread=0.9, faceless=0.1, unreliable=0.3)
    n = len(made.truth)
    person = np.where(rng.random(n) < 0.3, rng.integers(0, 3, n), -1)
    rejected = np.stack([rng.integers(0, n, 8), rng.integers(0, 3, 8)], axis=1)
    rejected = rejected[person[rejected[:, 0]] != rejected[:, 1]]
    observations = dataclasses.replace(made.observations, person=person, rejected=rejected)
    owner = np.where(rng.random(n) < 0.2, rng.integers(0, 5, n), -1)
    groups = group_within_moments(observations, THRESHOLDS, owner)
    assert not len(conflicting_labels(observations, groups, same_photo_pairs(observations, THRESHOLDS.same_photo_threshold)))
    for group in range(groups.max() + 1):
        assert len({k for k in owner[groups == group] if k >= 0}) <= 1
    order = rng.permutation(n)
    back = np.empty(n, dtype=np.int64)
    back[order] = np.arange(n)
    moved = dataclasses.replace(
        observations,
        rejected=np.stack([back[rejected[:, 0]], rejected[:, 1]], axis=1),
        **{name: getattr(observations, name)[order] for name in ("faces", "bodies", "photo", "moment", "reliability", "person", "anchor")},
    )
    again = group_within_moments(moved, THRESHOLDS, owner[order])[back]
    assert b_cubed(again, groups).f == 1


def test_an_unreliable_face_never_starts_a_group() -> None:
    made = album(people=2, photos=20, spread=0.2)
    weak = dataclasses.replace(made.observations, reliability=np.full(len(made.truth), 0.1))
    assert len(np.unique(group_within_moments(weak, THRESHOLDS))) == len(made.truth)
