"""The dictionary: a few exemplars a cluster, reliable, typical enough to be right, different enough to cover looks and years."""

from __future__ import annotations

import numpy as np

from facelib.thresholds import Thresholds

READS = ("exemplars", "dictionary", "min_reliability", "outlier_distance")
YEAR = 365.25 * 86400
YEARS_FULL = 10.0
"""A difference of this many years counts as much as two faces as far apart as the cluster's farthest."""
BESIDE, LEAST_BESIDE = 2.0, 3
"""An unusual face may be chosen for those within so many years of it, if they are so many."""


def choose_exemplars(
    faces: np.ndarray,
    clusters: np.ndarray,
    reliability: np.ndarray,
    seconds: np.ndarray,
    thresholds: Thresholds,
    confirmed: np.ndarray | None = None,
    most: np.ndarray | None = None,
) -> np.ndarray:
    """Choose up to ``exemplars`` rows of each cluster, or up to ``most``.

    First the medoid; then always the row farthest from those chosen, by looks plus years, as in Gonzalez's farthest-point
    heuristic (1985). That would be drawn to wrong faces, so a row whose mean distance to the rest of its cluster is both
    beyond ``outlier_distance`` and far outside what is usual in the cluster is never chosen, unless a user confirmed it, or the years
    lead to it: the few faces of early childhood are unusual in the cluster, but not to those of the years beside them.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (n,), int64, 0.. or -1
    reliability : ndarray of shape (n,), 0..1
    seconds : ndarray of shape (n,), float64
        Time of capture; NaN where unknown.
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    confirmed : ndarray of shape (n,), bool, optional
        Rows a user gave to their person; they need not be reliable nor typical.
    most : ndarray of shape (m,), int64, optional
        Most rows of each cluster, as :func:`rations` gives.

    Returns
    -------
    ndarray of shape (k,), int64
        Rows, by cluster, then in the order of choice. A cluster without a usable face has none.
    """
    faces = np.asarray(faces, dtype=np.float32)
    confirmed = np.zeros(len(faces), dtype=bool) if confirmed is None else np.asarray(confirmed, dtype=bool)
    trusted = (np.asarray(reliability) >= thresholds.min_reliability) | confirmed
    usable = np.flatnonzero((np.asarray(clusters) >= 0) & np.any(faces, axis=1) & trusted)
    if most is not None:
        usable = usable[most[clusters[usable]] > 0]
    usable = usable[np.argsort(clusters[usable], kind="stable")]
    edges = np.flatnonzero(np.diff(clusters[usable])) + 1
    chosen = [
        _of_one_cluster(
            rows,
            faces[rows],
            confirmed[rows],
            np.asarray(seconds, dtype=np.float64)[rows],
            thresholds.outlier_distance,
            thresholds.exemplars if most is None else int(most[clusters[rows[0]]]),
        )
        for rows in np.split(usable, edges)
        if len(rows)
    ]
    return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.int64)


def rations(size: np.ndarray, named: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """How many exemplars each cluster may have, so that all together are at most ``dictionary``.

    All named clusters get the same, down to one; then all unnamed ones, the largest first where there is not one for each.

    Parameters
    ----------
    size : ndarray of shape (m,), int64
        Usable faces.
    named : ndarray of shape (m,), bool

    Returns
    -------
    ndarray of shape (m,), int64
    """
    most = np.zeros(len(size), dtype=np.int64)
    for some in (named, ~named):
        left = thresholds.dictionary - int(np.minimum(size, most).sum())
        for each in range(thresholds.exemplars, 0, -1):
            if np.minimum(size[some], each).sum() <= left:
                most[some] = each
                break
        else:
            spots = np.flatnonzero(some & (size > 0))
            most[spots[np.argsort(-size[spots], kind="stable")][: max(left, 0)]] = 1
    return most


def _of_one_cluster(rows: np.ndarray, faces: np.ndarray, confirmed: np.ndarray, seconds: np.ndarray, cut: float, most: int) -> np.ndarray:
    n = len(rows)
    if n == 1:
        return rows
    total = faces.sum(axis=0)
    # Mean distance to the others: the sum holds the row itself, at similarity 1.
    centrality = 1 - (faces @ total - 1) / (n - 1)
    kept = led_to(faces, seconds, (centrality <= outlier_bound(centrality, cut)) | confirmed, cut)
    rows, faces, seconds, centrality = rows[kept], faces[kept], seconds[kept], centrality[kept]
    pick = int(np.argmin(centrality))
    picks = [pick]
    looks = np.full(len(rows), np.inf)
    years = np.full(len(rows), np.inf)
    while len(picks) < min(most, len(rows)):
        looks = np.minimum(looks, 1 - faces @ faces[pick])
        apart = np.abs(seconds - seconds[pick]) / (YEARS_FULL * YEAR)
        years = np.minimum(years, np.where(np.isfinite(apart), np.minimum(apart, 1), 0))
        gain = looks + years * max(float(looks.max()), 1e-6)
        gain[picks] = -np.inf
        pick = int(np.argmax(gain))
        picks.append(pick)
    return rows[picks]


def led_to(faces: np.ndarray, seconds: np.ndarray, kept: np.ndarray, cut: float) -> np.ndarray:
    """The kept rows, and those that are nearer than ``cut``, in the mean, to the kept ones of the years beside them, and so on.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length
    seconds : ndarray of shape (n,), float64; NaN where unknown
    kept : ndarray of shape (n,), bool

    Returns
    -------
    ndarray of shape (n,), bool
    """
    kept = kept.copy()
    while True:
        waiting, base = np.flatnonzero(~kept & np.isfinite(seconds)), np.flatnonzero(kept & np.isfinite(seconds))
        if not len(waiting) or len(base) < LEAST_BESIDE:
            return kept
        base = base[np.argsort(seconds[base], kind="stable")]
        first = np.searchsorted(seconds[base], seconds[waiting] - BESIDE * YEAR)
        last = np.searchsorted(seconds[base], seconds[waiting] + BESIDE * YEAR, side="right")
        # Sums over a stretch of time are differences of running sums.
        running = np.concatenate([np.zeros((1, faces.shape[1])), np.cumsum(faces[base], axis=0, dtype=np.float64)])
        number = last - first
        similar = np.einsum("ij,ij->i", faces[waiting], running[last] - running[first]) / np.maximum(number, 1)
        led = (number >= LEAST_BESIDE) & (1 - similar < cut)
        if not led.any():
            return kept
        kept[waiting[led]] = True


def outlier_bound(centrality: np.ndarray, cut: float) -> float:
    """The greatest mean distance that is still usual: the median plus three scaled median deviations, at least ``cut``."""
    middle = float(np.median(centrality))
    deviation = 1.4826 * float(np.median(np.abs(centrality - middle)))
    return max(cut, middle + 3 * deviation) if len(centrality) > 4 else max(cut, middle)
