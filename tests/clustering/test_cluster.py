"""A whole run finds people who are far apart, holds what users said, and lets no weak face or body lead."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering.cluster import cluster
from facelib.clustering.constraints import same_photo_pairs
from facelib.clustering.must_link import conflicting_labels, resolve_labels
from facelib.clustering.observations import Observations
from facelib.evaluation.groups import b_cubed
from facelib.thresholds import Thresholds
from tests.synthetic import album

THRESHOLDS = Thresholds()


def said(observations: Observations, seed: int, people: int = 3) -> Observations:
    """The same with random names, anchors and rejections, some of which contradict each other."""
    rng = np.random.default_rng(seed)
    n = len(observations)
    return dataclasses.replace(
        observations,
        person=np.where(rng.random(n) < 0.2, rng.integers(0, people, n), -1),
        anchor=np.where(rng.random(n) < 0.2, rng.integers(0, 6, n), -1),
        rejected=np.stack([rng.integers(0, n, 6), rng.integers(0, people, 6)], axis=1),
    )


def test_people_far_apart_are_found_whole() -> None:
    made = album(people=20, photos=200, faceless=0.1, unreliable=0.2)
    grouping = cluster(made.observations, THRESHOLDS)
    assert b_cubed(grouping.clusters, made.truth).precision == 1
    reliable = made.observations.reliable(THRESHOLDS.min_reliability)
    assert (grouping.clusters[reliable] >= 0).all()
    assert b_cubed(grouping.clusters[reliable], made.truth[reliable]).recall == 1
    weak = made.observations.has_face & ~reliable
    assert 0 < (grouping.clusters[weak] >= 0).mean() < 1
    bodies = ~made.observations.has_face
    assert (grouping.clusters[bodies] >= 0).mean() > 0.3


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_what_people_said_holds(seed: int) -> None:
    made = album(seed, people=3, photos=12, per_photo=3, spread=1.0, faceless=0.1, unreliable=0.2)
    observations = said(made.observations, seed)
    copies = {field.name: getattr(observations, field.name).copy() for field in dataclasses.fields(observations)}
    clusters = cluster(observations, THRESHOLDS).clusters
    for name, copy in copies.items():
        assert (getattr(observations, name) == copy).all()
    clean, person = resolve_labels(observations)
    labelled = dataclasses.replace(clean, person=person)
    assert not len(conflicting_labels(labelled, clusters, same_photo_pairs(labelled, THRESHOLDS.same_photo_threshold)))
    for anchor in np.unique(clean.anchor[clean.anchor >= 0]):
        assert len(np.unique(clusters[clean.anchor == anchor])) == 1
        assert (clusters[clean.anchor == anchor] >= 0).all()
    assert (clusters[observations.person >= 0] >= 0).all()
    assert (clusters[observations.reliable(0.5)] >= 0).all()


def test_the_two_people_of_a_photo_stay_apart_however_alike() -> None:
    made = album(people=1, photos=1)
    twins = np.repeat(made.observations.faces, 2, axis=0) + np.array([[0], [0.04]]) * np.roll(made.observations.faces, 1)
    twins = (twins / np.linalg.norm(twins, axis=1, keepdims=True)).astype(np.float32)
    minus = np.full(2, -1)
    observations = Observations(twins, np.zeros((2, 0)), np.zeros(2), minus, np.ones(2), minus, minus)
    assert cluster(observations, THRESHOLDS.override({"same_photo_threshold": 0.0})).clusters.tolist() == [0, 1]
    assert cluster(observations, THRESHOLDS.override({"same_photo_threshold": 0.3})).clusters.tolist() == [0, 0]


def test_an_unreliable_face_between_two_people_brings_nobody_together() -> None:
    a, b = np.zeros(8), np.zeros(8)
    a[0], b[1] = 1, 1
    between = (a + b) / np.sqrt(2)
    faces = np.stack([a, b, between, between]).astype(np.float32)
    minus = np.full(4, -1)
    weak = Observations(faces, np.zeros((4, 0)), np.arange(4), np.zeros(4), np.array([1, 1, 0.1, 0.1]), minus, minus)
    clusters = cluster(weak, THRESHOLDS).clusters
    assert clusters[0] != clusters[1] and set(clusters[2:]) <= {0, 1}
    strong = dataclasses.replace(weak, reliability=np.ones(4))
    assert len(np.unique(cluster(strong, THRESHOLDS).clusters)) < 3


def test_nothing_is_nobody() -> None:
    none = np.empty(0, dtype=np.int64)
    empty = Observations(np.empty((0, 8)), np.empty((0, 4)), none, none, np.empty(0), none, none)
    assert len(cluster(empty, THRESHOLDS).clusters) == 0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_bodies_never_meet_across_moments_and_are_named_through_theirs_alone(seed: int) -> None:
    made = album(seed, people=4, photos=24, photos_per_moment=4, faceless=0.4, unreliable=0.1)
    o = made.observations
    alike = dataclasses.replace(o, bodies=np.tile(o.bodies[:1], (len(o), 1)))
    for observations in (o, alike):
        found = cluster(observations, THRESHOLDS)
        for row in np.flatnonzero(~observations.has_face):
            if found.clusters[row] >= 0:
                beside = (found.groups == found.groups[row]) & observations.has_face
                assert beside.any() and (found.clusters[beside] == found.clusters[row]).all()
                assert (observations.moment[beside] == observations.moment[row]).all()
    # What is worn in one moment changes nothing about the faces of another.
    first = o.moment == 0
    changed = dataclasses.replace(o, bodies=np.where(first[:, None], np.roll(o.bodies, 1, axis=1), o.bodies))
    before, after = cluster(o, THRESHOLDS).groups[~first], cluster(changed, THRESHOLDS).groups[~first]
    assert ((before[:, None] == before) == (after[:, None] == after)).all()
