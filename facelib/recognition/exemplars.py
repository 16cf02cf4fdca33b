"""Exemplars: a few faces of each cluster, reliable, typical enough to be right, different enough to cover appearance and years."""

from __future__ import annotations

import numpy as np

from facelib.thresholds import Thresholds

READS = ("exemplars", "dictionary", "min_reliability", "outlier_distance")
YEAR = 365.25 * 86400
YEARS_FULL = 10.0
"""A difference of so many years counts as much as the distance of the two farthest faces of the cluster."""
NEARBY_YEARS, MIN_NEARBY = 2.0, 3
"""An atypical face may be chosen if it is like the faces within so many years of it, and there are at least so many of them."""


def choose_exemplars(
    faces: np.ndarray,
    clusters: np.ndarray,
    reliability: np.ndarray,
    seconds: np.ndarray,
    thresholds: Thresholds,
    confirmed: np.ndarray | None = None,
    budget: np.ndarray | None = None,
) -> np.ndarray:
    """Choose up to ``exemplars`` rows of each cluster, or up to ``budget``.

    The first is the medoid; each further one is the row farthest from those chosen, in appearance plus years (farthest-point
    heuristic, Gonzalez 1985). Alone, that would choose wrong faces. So a row is left out if its mean distance to the rest of
    its cluster is above :func:`outlier_bound`, unless a user confirmed it or it is :func:`reachable_in_time`: the few faces of
    early childhood are atypical of the cluster, but not of the years beside them.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (n,), int64, 0.. or NO_CLUSTER
    reliability : ndarray of shape (n,), 0..1
    seconds : ndarray of shape (n,), float64
        Time of capture; NaN where unknown.
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    confirmed : ndarray of shape (n,), bool, optional
        Rows a user gave to their person; they need be neither reliable nor typical.
    budget : ndarray of shape (m,), int64, optional
        Most rows of each cluster, as from :func:`exemplar_budget`.

    Returns
    -------
    ndarray of shape (k,), int64
        Rows, by cluster, then in the order of choice. A cluster without a usable face has none.
    """
    faces, seconds = np.asarray(faces, dtype=np.float32), np.asarray(seconds, dtype=np.float64)
    confirmed = np.zeros(len(faces), dtype=bool) if confirmed is None else np.asarray(confirmed, dtype=bool)
    trusted = (np.asarray(reliability) >= thresholds.min_reliability) | confirmed
    usable = np.flatnonzero((np.asarray(clusters) >= 0) & np.any(faces, axis=1) & trusted)
    if budget is not None:
        usable = usable[budget[clusters[usable]] > 0]
    usable = usable[np.argsort(clusters[usable], kind="stable")]
    chosen = [np.empty(0, dtype=np.int64)]
    for rows in np.split(usable, np.flatnonzero(np.diff(clusters[usable])) + 1):
        if len(rows):
            limit = thresholds.exemplars if budget is None else int(budget[clusters[rows[0]]])
            chosen.append(rows[_of_one_cluster(faces[rows], confirmed[rows], seconds[rows], thresholds.outlier_distance, limit)])
    return np.concatenate(chosen)


def exemplar_budget(size: np.ndarray, named: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """How many exemplars each cluster may have, so that all together are at most ``dictionary``.

    All named clusters get the same number, at most ``exemplars``; then all unnamed ones. If the dictionary is too small for one
    exemplar of each cluster, the largest clusters get one.

    Parameters
    ----------
    size : ndarray of shape (m,), int64
        Faces that may be exemplars.
    named : ndarray of shape (m,), bool

    Returns
    -------
    ndarray of shape (m,), int64
    """
    budget = np.zeros(len(size), dtype=np.int64)
    for subset in (named, ~named):
        left = thresholds.dictionary - int(np.minimum(size, budget).sum())
        for each in range(thresholds.exemplars, 0, -1):
            if np.minimum(size[subset], each).sum() <= left:
                budget[subset] = each
                break
        else:
            filled = np.flatnonzero(subset & (size > 0))
            budget[filled[np.argsort(-size[filled], kind="stable")][: max(left, 0)]] = 1
    return budget


def _of_one_cluster(faces: np.ndarray, confirmed: np.ndarray, seconds: np.ndarray, outlier_distance: float, limit: int) -> np.ndarray:
    """Rows of one cluster to choose, in the order of choice."""
    n = len(faces)
    if n == 1:
        return np.zeros(1, dtype=np.int64)
    # Mean distance to the others: the sum includes the row itself, at similarity 1.
    mean_distance = 1 - (faces @ faces.sum(axis=0) - 1) / (n - 1)
    typical = (mean_distance <= outlier_bound(mean_distance, outlier_distance)) | confirmed
    rows = np.flatnonzero(reachable_in_time(faces, seconds, typical, outlier_distance))
    return rows[_farthest_points(faces[rows], seconds[rows], int(np.argmin(mean_distance[rows])), limit)]


def _farthest_points(faces: np.ndarray, seconds: np.ndarray, first: int, limit: int) -> list[int]:
    chosen, last = [first], first
    distance, years = np.full((2, len(faces)), np.inf)
    while len(chosen) < min(limit, len(faces)):
        distance = np.minimum(distance, 1 - faces @ faces[last])
        difference = np.abs(seconds - seconds[last]) / (YEARS_FULL * YEAR)
        years = np.minimum(years, np.where(np.isfinite(difference), np.minimum(difference, 1), 0))
        gain = distance + years * max(float(distance.max()), 1e-6)
        gain[chosen] = -np.inf
        last = int(np.argmax(gain))
        chosen.append(last)
    return chosen


def reachable_in_time(faces: np.ndarray, seconds: np.ndarray, start: np.ndarray, outlier_distance: float) -> np.ndarray:
    """Rows that a chain through the years reaches from the ``start`` rows.

    A dated row is reached if at least :data:`MIN_NEARBY` reached rows are within :data:`NEARBY_YEARS` years of it, and its mean
    distance to these is below ``outlier_distance``.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length
    seconds : ndarray of shape (n,), float64; NaN where unknown
    start : ndarray of shape (n,), bool

    Returns
    -------
    ndarray of shape (n,), bool
        The start rows and those reached.
    """
    reached, dated = start.copy(), np.isfinite(seconds)
    while True:
        waiting, base = np.flatnonzero(~reached & dated), np.flatnonzero(reached & dated)
        if not len(waiting) or len(base) < MIN_NEARBY:
            return reached
        base = base[np.argsort(seconds[base], kind="stable")]
        first = np.searchsorted(seconds[base], seconds[waiting] - NEARBY_YEARS * YEAR)
        last = np.searchsorted(seconds[base], seconds[waiting] + NEARBY_YEARS * YEAR, side="right")
        # Sums over a stretch of time are differences of running sums.
        running = np.concatenate([np.zeros((1, faces.shape[1])), np.cumsum(faces[base], axis=0, dtype=np.float64)])
        nearby = last - first
        similar = np.einsum("ij,ij->i", faces[waiting], running[last] - running[first]) / np.maximum(nearby, 1)
        near = (nearby >= MIN_NEARBY) & (1 - similar < outlier_distance)
        if not near.any():
            return reached
        reached[waiting[near]] = True


def outlier_bound(mean_distance: np.ndarray, outlier_distance: float) -> float:
    """The greatest mean distance to the rest of its cluster that makes no outlier of a row, at least ``outlier_distance``.

    It is the median of ``mean_distance``, shape (n,), plus three scaled median absolute deviations; for fewer than five rows, where
    the deviation says little, the median alone.
    """
    middle = float(np.median(mean_distance))
    deviation = 1.4826 * float(np.median(np.abs(mean_distance - middle)))
    return max(outlier_distance, middle + 3 * deviation) if len(mean_distance) > 4 else max(outlier_distance, middle)
