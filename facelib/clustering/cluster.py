"""Clustering of a whole library: pass 1, must-link nodes, pass 2, then the leftovers, which no cluster is made of."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from facelib.clustering.across_moments import cluster_nodes, thresholds_for_one_more
from facelib.clustering.constraints import same_photo_pairs
from facelib.clustering.hdbscan import hdbscan
from facelib.clustering.labels import relabel
from facelib.clustering.leftovers import assign_leftovers
from facelib.clustering.must_link import must_link_nodes, node_constraints, resolve_labels
from facelib.clustering.observations import Observations
from facelib.clustering.sums import sum_by_label
from facelib.clustering.within_moments import group_within_moments
from facelib.records import NO_CLUSTER
from facelib.thresholds import Thresholds

READS = (
    "alpha",
    "beta",
    "gamma",
    "group_threshold",
    "body_threshold",
    "intra_distance",
    "linkage_threshold",
    "pair_threshold",
    "singleton_margin",
    "singleton_reach",
    "neighbour_reach",
    "stranger_distance",
    "cohort_weight",
    "same_photo_threshold",
    "min_reliability",
)
"""The thresholds that :func:`cluster` and :func:`facelib.clustering.incremental.cluster_new` read."""
AVERAGE, HDBSCAN = "average", "hdbscan"
CLUSTERERS = (AVERAGE, HDBSCAN)
"""Average linkage with a size-dependent threshold, calibrated for each model; or scikit-learn's HDBSCAN, which needs no distance."""


@dataclass(frozen=True, eq=False)
class Clustering:
    """Groups of pass 1 and clusters of pass 2, numbered in the order of their first rows.

    Attributes
    ----------
    groups : ndarray of shape (n,), int64
    clusters : ndarray of shape (n,), int64
        ``NO_CLUSTER`` for the pool: unreliable faces that are near nothing, and bodies whose group has no cluster.
    """

    groups: np.ndarray
    clusters: np.ndarray


def cluster(observations: Observations, thresholds: Thresholds, clusterer: str = AVERAGE) -> Clustering:
    """Cluster a whole library.

    Parameters
    ----------
    observations : Observations
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    clusterer : str
        What joins groups across moments, one of :data:`CLUSTERERS`.

    Returns
    -------
    Clustering
        Every reliable face has a cluster, perhaps alone. An unreliable face joins the nearest cluster without moving its mean,
        so it never connects two clusters. A row that a user gave to a person joins that person's nearest cluster if it would
        be left over otherwise.
    """
    observations, person = resolve_labels(observations)
    rows = dataclasses.replace(observations, person=person)
    groups = group_within_moments(rows, thresholds)
    cannot_link = same_photo_pairs(rows, thresholds.same_photo_threshold)
    nodes = must_link_nodes(rows, groups, cannot_link)
    reliable = rows.reliable(thresholds.min_reliability)
    sums, counts = sum_by_label(rows.faces[reliable], nodes[reliable], int(nodes.max(initial=-1)) + 1)
    constraints = node_constraints(rows, nodes, cannot_link, len(sums))
    if clusterer == HDBSCAN:
        joined = hdbscan(sums, counts, constraints)
    else:
        joined = cluster_nodes(sums, counts, constraints, thresholds)
    clusters = _with_core(joined[nodes], reliable | (rows.anchor >= 0))
    return Clustering(groups, relabel(_with_leftovers(rows, clusters, reliable, cannot_link, thresholds)))


def _with_core(clusters: np.ndarray, core: np.ndarray) -> np.ndarray:
    """The clusters of rows, ``NO_CLUSTER`` where a cluster has no ``core`` row: ndarray of shape (n,), int64."""
    has_core = np.zeros(int(clusters.max(initial=-1)) + 1, dtype=bool)
    has_core[clusters[core]] = True
    return np.where(has_core[clusters] if len(has_core) else False, clusters, NO_CLUSTER)


def _with_leftovers(
    rows: Observations, clusters: np.ndarray, reliable: np.ndarray, cannot_link: np.ndarray, thresholds: Thresholds
) -> np.ndarray:
    m = int(clusters.max(initial=-1)) + 1
    measured = reliable & (clusters >= 0)
    sums, counts = sum_by_label(rows.faces[measured], clusters[measured], m)
    # The pool is one more node, so that the persons and rejections of its rows go to no cluster.
    constraints = node_constraints(rows, np.where(clusters < 0, m, clusters), cannot_link[:0], m + 1)
    return assign_leftovers(rows, clusters, (sums, counts), constraints, cannot_link, thresholds_for_one_more(sums, counts, thresholds))
