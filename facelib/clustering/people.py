"""Which clusters count as people, rather than strangers passing by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.sums import intra_distances, sum_by_label
from facelib.records import FEW_FACES, MIXED_CLUSTER, ONE_MOMENT_ONLY, ONE_PICTURE_ONLY
from facelib.thresholds import Thresholds

READS = ("min_cluster_size", "min_reliability", "picture_distance", "min_moments", "moment_faces", "library_moments")

LISTED, FEW, ONE_MOMENT, ONE_PICTURE, MIXED = range(5)
REASONS = ("", FEW_FACES, ONE_MOMENT_ONLY, ONE_PICTURE_ONLY, MIXED_CLUSTER)
"""Why a cluster does not count as a person, by the numbers of :func:`unlisted_reasons`; empty for :data:`LISTED`."""

_ABSENT = -1
"""The column of a cluster that is no neighbour: it has none among the distances."""


@dataclass(frozen=True, eq=False)
class Occasions:
    """When clusters are seen.

    Attributes
    ----------
    moments : ndarray of shape (m,), int64
        In how many moments each cluster is seen, as from :func:`count_occasions`.
    library_moments : int
        The number of moments in the library.
    across : ndarray of shape (m,), float64
        Mean distance between faces of different moments, as from :func:`distance_across_occasions`; NaN where it is not known.
    """

    moments: np.ndarray
    library_moments: int
    across: np.ndarray


def unlisted_reasons(
    sums: np.ndarray,
    counts: np.ndarray,
    person: np.ndarray,
    thresholds: Thresholds,
    occasions: Occasions | None = None,
    subset: np.ndarray | None = None,
) -> np.ndarray:
    """Why each cluster does not count as a person, or would not without its name.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each cluster's reliable faces.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds.
    person : ndarray of shape (m,), int64
        The person each cluster is named after; ``NO_PERSON`` for none. Small named clusters are neighbours too.
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    occasions : Occasions, optional
        None: tests that need times are skipped.
    subset : ndarray of shape (k,), int64, optional
        Only these clusters, at a cost of k times all; None: all.

    Returns
    -------
    ndarray of shape (m,), or of shape (k,), int64
        The first that applies. :data:`FEW`: fewer than ``min_cluster_size`` reliable faces. :data:`ONE_MOMENT`: a guest or a
        passer-by. :data:`ONE_PICTURE`: a poster, a statue, a screen, because people look different on another day.
        :data:`MIXED`: its faces are, in the mean, no nearer to one another than to those of another cluster. Else
        :data:`LISTED`.
    """
    subset = np.arange(len(counts)) if subset is None else np.asarray(subset, dtype=np.int64)
    size = np.asarray(counts)[subset]
    within = np.where(size > 0, intra_distances(sums[subset], size), np.inf)
    large = np.flatnonzero((np.asarray(counts) >= thresholds.min_cluster_size) | (np.asarray(person) >= 0))
    between = nearest_other(sums, counts, subset, large)
    seldom, across = np.zeros(len(subset), dtype=bool), within
    if occasions is not None:
        across = np.where(np.isnan(occasions.across[subset]), within, occasions.across[subset])
        if occasions.library_moments >= thresholds.library_moments:
            seldom = (occasions.moments[subset] < thresholds.min_moments) & (size < thresholds.moment_faces)
    picture = (size > 1) & (across < thresholds.picture_distance)
    tests = [size < thresholds.min_cluster_size, seldom, picture, within >= between]
    return np.select(tests, [FEW, ONE_MOMENT, ONE_PICTURE, MIXED], LISTED)


def people(faces: np.ndarray, clusters: np.ndarray, reliability: np.ndarray, person: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Which clusters count as people, whenever they are seen: named ones, and those that :func:`unlisted_reasons` finds listed.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (n,), int64
        0.. or ``NO_CLUSTER``.
    reliability : ndarray of shape (n,), 0..1
    person : ndarray of shape (m,), int64
        The person each cluster is named after; ``NO_PERSON`` for none.
    thresholds : Thresholds

    Returns
    -------
    ndarray of shape (m,), bool
    """
    used = np.flatnonzero((np.asarray(reliability) >= thresholds.min_reliability) & np.any(faces, axis=1) & (np.asarray(clusters) >= 0))
    sums, counts = sum_by_label(faces[used], np.asarray(clusters)[used], len(person))
    is_person: np.ndarray = (np.asarray(person) >= 0) | (unlisted_reasons(sums, counts, person, thresholds) == LISTED)
    return is_person


def nearest_other(sums: np.ndarray, counts: np.ndarray, subset: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Least mean pairwise distance of each cluster of the subset to another one ``among`` these: shape (k,); infinity without one."""
    among = among[np.asarray(counts)[among] > 0]
    means = sums[among] / counts[among, None].astype(np.float32)
    column = np.full(len(counts), _ABSENT)
    column[among] = np.arange(len(among))
    distance = np.full(len(subset), np.inf)
    filled = np.flatnonzero(np.asarray(counts)[subset] > 0)
    for start in range(0, len(filled), 1024):
        chunk = filled[start : start + 1024]
        rows = subset[chunk]
        block = 1 - (sums[rows] / counts[rows, None].astype(np.float32)) @ means.T
        own = np.flatnonzero(column[rows] > _ABSENT)
        block[own, column[rows[own]]] = np.inf
        distance[chunk] = block.min(axis=1, initial=np.inf)
    return distance


def occasion_labels(moment: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """A number for each row, equal for rows of one moment: shape (n,), int64. A photo without a moment is an occasion of its own."""
    return np.where(np.asarray(moment) >= 0, 2 * np.asarray(moment), 2 * np.asarray(photo) + 1)


def count_occasions(clusters: np.ndarray, occasion: np.ndarray, m: int) -> np.ndarray:
    """On how many occasions each of ``m`` clusters is seen: shape (m,), int64."""
    used = np.asarray(clusters) >= 0
    pairs = np.unique(np.stack([np.asarray(clusters)[used], np.asarray(occasion)[used]]), axis=1)
    return np.bincount(pairs[0], minlength=m)


def distance_across_occasions(faces: np.ndarray, clusters: np.ndarray, occasion: np.ndarray, m: int) -> np.ndarray:
    """Mean distance between faces of different occasions within each of ``m`` clusters: shape (m,), float64; NaN where there are none.

    Ten shots of one smile and one of another day are two pictures; the mean over all pairs would take them for one.
    """
    pairs, part = np.unique(np.stack([clusters, occasion]), axis=1, return_inverse=True)
    sums, counts = sum_by_label(faces, part.ravel(), pairs.shape[1])
    total, number = sum_by_label(faces, np.asarray(clusters), m)
    similar = np.einsum("ij,ij->i", total, total, dtype=np.float64)
    similar -= np.bincount(pairs[0], np.einsum("ij,ij->i", sums, sums, dtype=np.float64), minlength=m)
    among = number.astype(np.float64) ** 2 - np.bincount(pairs[0], counts.astype(np.float64) ** 2, minlength=m)
    return np.clip(1 - np.divide(similar, among, out=np.full(m, np.nan), where=among > 0), 0, 2)
