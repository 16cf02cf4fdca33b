"""Pass 2, across moments: average linkage, cohort normalization and singletons, each with the thresholds in force."""

from __future__ import annotations

import numpy as np

from facelib.clustering.adaptive_threshold import effective_size, threshold_for, threshold_offset
from facelib.clustering.cohort_normalization import cohort_penalties
from facelib.clustering.constraints import Constraints
from facelib.clustering.labels import relabel
from facelib.clustering.linkage import link
from facelib.clustering.singletons import attach_singletons
from facelib.clustering.sums import intra_distances, merge_sums
from facelib.thresholds import Thresholds

COHORT_SCALE = 1.2
"""The cohort is clustered at a strict threshold: this times the intra-person distance."""


def cluster_nodes(sums: np.ndarray, counts: np.ndarray, constraints: Constraints, thresholds: Thresholds) -> np.ndarray:
    """Cluster the nodes of a whole library: linkage, then singletons.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each node.
    counts : ndarray of shape (m,), int64
    constraints : Constraints
    thresholds : Thresholds

    Returns
    -------
    ndarray of shape (m,), int64
        Clusters 0.. in the order of their first nodes.
    """
    penalty = penalties(sums, counts, thresholds)
    joined = link_nodes(sums, counts, penalty, thresholds, constraints)
    return join_singletons(sums, counts, joined, penalty, constraints, thresholds)


def pair_threshold(thresholds: Thresholds) -> float:
    """The threshold for two single faces; it never exceeds the threshold for large clusters."""
    return min(thresholds.pair_threshold, thresholds.linkage_threshold)


def penalties(sums: np.ndarray, counts: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Penalties of :mod:`facelib.clustering.cohort_normalization`: ndarray of shape (m,), float32."""
    strict = COHORT_SCALE * thresholds.intra_distance
    return cohort_penalties(sums, counts, thresholds.stranger_distance, thresholds.cohort_weight, lambda s, c: link(s, c, strict))


def link_nodes(
    sums: np.ndarray,
    counts: np.ndarray,
    penalty: np.ndarray,
    thresholds: Thresholds,
    constraints: Constraints,
    touched: np.ndarray | None = None,
) -> np.ndarray:
    """Average linkage of nodes with the thresholds in force; arguments and result as of :func:`facelib.clustering.linkage.link`."""
    t = thresholds
    return link(sums, counts, t.linkage_threshold, constraints, touched, pair_threshold(t), t.intra_distance, penalty)


def join_singletons(
    sums: np.ndarray, counts: np.ndarray, joined: np.ndarray, penalty: np.ndarray, constraints: Constraints, thresholds: Thresholds
) -> np.ndarray:
    """The clusters ``joined`` of nodes after :func:`facelib.clustering.singletons.attach_singletons`: ndarray of shape (m,), int64."""
    m = int(joined.max(initial=-1)) + 1
    cluster_sums, cluster_counts = merge_sums(sums, counts, joined, m)
    mean_penalty = np.bincount(joined, counts * penalty, m) / np.maximum(cluster_counts, 1)
    # A face farther away than strangers usually are belongs to none of the clusters.
    max_distance = max(thresholds.singleton_reach, thresholds.stranger_distance)
    target = attach_singletons(
        cluster_sums,
        cluster_counts,
        mean_penalty,
        constraints.joined(joined, m),
        thresholds.intra_distance,
        max_distance,
        thresholds.singleton_margin,
    )
    return relabel(target[joined])


def thresholds_for_one_more(sums: np.ndarray, counts: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Mean distance below which one more face belongs to each cluster: ndarray of shape (m,), float64."""
    within, expected = intra_distances(sums, counts), thresholds.intra_distance
    size = effective_size(within, counts, expected)
    base = threshold_for(1 + size, pair_threshold(thresholds), thresholds.linkage_threshold)
    return np.asarray(base + threshold_offset(within[None], size[None], expected) - penalties(sums, counts, thresholds))
