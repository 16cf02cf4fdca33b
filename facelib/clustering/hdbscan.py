"""HDBSCAN under constraints, for libraries of a kind that no distance was calibrated on."""

from __future__ import annotations

import numpy as np

from facelib.clustering.constraints import Constraints
from facelib.clustering.linkage import link

_IDENTICAL = 1e-6
_EVERYTHING = 2.1
"""Thresholds of linkage below which only identical vectors are joined, and all that may be."""


def hdbscan(sums: np.ndarray, counts: np.ndarray, constraints: Constraints) -> np.ndarray:
    """Join nodes that lie in one dense region, as scikit-learn's HDBSCAN finds them, then enforce the constraints.

    A region with nodes that may not be joined is divided: of average linkage within it as many joins as are allowed are made.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each node.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds; a node of 0 stays alone.
    constraints : Constraints
        Pairs never joined.

    Returns
    -------
    ndarray of shape (m,), int64
        Clusters 0.. in the order of their first nodes; what HDBSCAN calls noise stays alone.
    """
    m = len(sums)
    label = np.arange(m)
    filled = np.flatnonzero(np.asarray(counts) > 0)
    if len(filled) < 3:
        return link(sums, counts, _IDENTICAL, constraints) if len(filled) else label
    from sklearn.cluster import HDBSCAN

    # On the sphere Euclidean distance puts pairs in the same order as cosine, and a ball tree can search it.
    directions = sums[filled] / np.linalg.norm(sums[filled], axis=1, keepdims=True)
    regions = HDBSCAN(min_cluster_size=2, min_samples=1, copy=True).fit_predict(directions.astype(np.float64))
    for region in np.unique(regions[regions >= 0]):
        members = filled[regions == region]
        inner = constraints.restricted(members)
        free = not len(inner.cannot_link) and not len(inner.rejected) and len(np.unique(inner.person[inner.person >= 0])) < 2
        parts = np.zeros(len(members), dtype=np.int64) if free else link(sums[members], counts[members], _EVERYTHING, inner)
        first = np.full(int(parts.max()) + 1, m)
        np.minimum.at(first, parts, members)
        label[members] = first[parts]
    return np.unique(label, return_inverse=True)[1].astype(np.int64)
