"""Which clusters count as people, rather than strangers passing by."""

from __future__ import annotations

import numpy as np

from facelib.identity.grouping import sum_by
from facelib.thresholds import Thresholds

READS = ("min_cluster_size", "min_reliability")


def spread(faces: np.ndarray, clusters: np.ndarray, m: int) -> np.ndarray:
    """Mean pairwise distance within each of ``m`` clusters, shape (m,); 0 for a single face, infinity without one."""
    used = clusters >= 0
    sums, counts = sum_by(faces[used], clusters[used], m)
    squares = np.einsum("ij,ij->i", sums.astype(np.float64), sums.astype(np.float64))
    pairs = counts * (counts - 1.0)
    similar = np.divide(squares - counts, pairs, out=np.ones(m), where=pairs > 0)
    return np.where(counts > 0, np.clip(1 - similar, 0, 2), np.inf)


def nearest_other(faces: np.ndarray, clusters: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """The least mean pairwise distance of each cluster to another one, and which: shapes (m,); infinity and -1 if it is alone."""
    used = clusters >= 0
    sums, counts = sum_by(faces[used], clusters[used], m)
    means = sums / np.maximum(counts, 1)[:, None].astype(np.float32)
    distance, other = np.full(m, np.inf), np.full(m, -1, dtype=np.int64)
    filled = np.flatnonzero(counts > 0)
    if len(filled) < 2:
        return distance, other
    for start in range(0, len(filled), 1024):
        rows = filled[start : start + 1024]
        block = 1 - means[rows] @ means[filled].T
        block[np.arange(len(rows)), start + np.arange(len(rows))] = np.inf
        spot = np.argmin(block, axis=1)
        distance[rows], other[rows] = block[np.arange(len(rows)), spot], filled[spot]
    return distance, other


def people(faces: np.ndarray, clusters: np.ndarray, reliability: np.ndarray, person: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Clusters that count as people.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (n,), int64, 0.. or -1
    reliability : ndarray of shape (n,), 0..1
    person : ndarray of shape (m,), int64
        The person each cluster is named after, or -1; a named one always counts.
    thresholds : Thresholds
        Read: those named in :data:`READS`.

    Returns
    -------
    ndarray of shape (m,), bool
        Named, or with at least ``min_cluster_size`` reliable faces that lie nearer to one another, in the mean, than to the
        faces of any other cluster.
    """
    m = len(person)
    reliable = (np.asarray(reliability) >= thresholds.min_reliability) & np.any(faces, axis=1)
    trusted = np.where(reliable, clusters, -1)
    size = np.bincount(trusted[trusted >= 0], minlength=m)
    compact = spread(faces, trusted, m) < nearest_other(faces, trusted, m)[0]
    chosen: np.ndarray = (np.asarray(person) >= 0) | ((size >= thresholds.min_cluster_size) & compact)
    return chosen
