"""HDBSCAN needs no distance, and holds what users said."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering.cluster import HDBSCAN, cluster
from facelib.clustering.constraints import Constraints, same_photo_pairs
from facelib.clustering.hdbscan import hdbscan
from facelib.clustering.must_link import conflicting_labels, resolve_labels
from facelib.evaluation.groups import b_cubed
from facelib.thresholds import Thresholds
from tests.clustering.test_cluster import said
from tests.synthetic import album

THRESHOLDS = Thresholds()


def test_people_are_found_without_any_distance() -> None:
    made = album(people=15, photos=120)
    found = cluster(made.observations, THRESHOLDS.override({"linkage_threshold": 0.01, "pair_threshold": 0.01}), HDBSCAN)
    assert b_cubed(found.clusters, made.truth).f > 0.95


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_what_people_said_holds(seed: int) -> None:
    made = album(seed, people=3, photos=12, per_photo=3, spread=1.0, faceless=0.1, unreliable=0.2)
    observations = said(made.observations, seed)
    clusters = cluster(observations, THRESHOLDS, HDBSCAN).clusters
    clean, person = resolve_labels(observations)
    labelled = dataclasses.replace(clean, person=person)
    assert not len(conflicting_labels(labelled, clusters, same_photo_pairs(labelled, THRESHOLDS.same_photo_threshold)))
    assert (clusters[observations.reliable(0.5)] >= 0).all() and (clusters[observations.person >= 0] >= 0).all()


def test_few_nodes_and_nodes_without_a_vector_stay_alone() -> None:
    for m in range(4):
        found = hdbscan(np.zeros((m, 8), dtype=np.float32), np.zeros(m, dtype=int), Constraints.none(m))
        assert found.tolist() == list(range(m))
