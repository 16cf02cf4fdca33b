"""Which clusters count as people, rather than strangers passing by."""

from __future__ import annotations

import numpy as np

from facelib.identity.grouping import sum_by
from facelib.thresholds import Thresholds

READS = ("min_cluster_size", "min_reliability", "same_photo_cut")
LEAST_MOMENTS = 2
"""Somebody seen in one moment only is a guest or passes by."""
STILL = 0.5
"""Faces nearer to one another than this part of ``same_photo_cut``, in the mean, are one picture: a poster, a statue, a screen."""


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


def moments_of(clusters: np.ndarray, moment: np.ndarray, photo: np.ndarray, m: int) -> np.ndarray:
    """In how many moments each of ``m`` clusters is seen, shape (m,), int64; a photo without a moment is one of its own."""
    used = np.flatnonzero(np.asarray(clusters) >= 0)
    occasion = np.where(np.asarray(moment)[used] >= 0, 2 * np.asarray(moment)[used], 2 * np.asarray(photo)[used] + 1)
    pairs = np.unique(np.stack([np.asarray(clusters)[used], occasion]), axis=1)
    return np.bincount(pairs[0], minlength=m)


def people(
    faces: np.ndarray,
    clusters: np.ndarray,
    reliability: np.ndarray,
    person: np.ndarray,
    thresholds: Thresholds,
    moments: np.ndarray | None = None,
) -> np.ndarray:
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
    moments : ndarray of shape (m,), int64, optional
        In how many moments each cluster is seen, as from :func:`moments_of`.

    Returns
    -------
    ndarray of shape (m,), bool
        Named; or with at least ``min_cluster_size`` reliable faces, from two moments or more, that lie nearer to one another,
        in the mean, than to the faces of any other cluster, but not so near that all are one and the same picture.
    """
    m = len(person)
    reliable = (np.asarray(reliability) >= thresholds.min_reliability) & np.any(faces, axis=1)
    trusted = np.where(reliable, clusters, -1)
    size = np.bincount(trusted[trusted >= 0], minlength=m)
    within = spread(faces, trusted, m)
    seen_often = np.ones(m, dtype=bool) if moments is None else np.asarray(moments) >= LEAST_MOMENTS
    alive = (within >= STILL * thresholds.same_photo_cut) | (size < 2)
    compact = within < nearest_other(faces, trusted, m)[0]
    chosen: np.ndarray = (np.asarray(person) >= 0) | ((size >= thresholds.min_cluster_size) & compact & seen_often & alive)
    return chosen
