"""Which clusters count as people, rather than strangers passing by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.cluster import sum_by
from facelib.thresholds import Thresholds

READS = ("min_cluster_size", "min_reliability", "picture_distance", "min_moments", "moment_faces", "library_moments")

COUNTS, FEW, ONE_MOMENT, ONE_PICTURE, MIXED = range(5)
REASONS = ("", "few", "one moment", "one picture", "mixed")
"""Why a cluster does not count as a person, by the numbers :func:`judge` gives."""


@dataclass(frozen=True, eq=False)
class Occasions:
    """When clusters are seen.

    Attributes
    ----------
    moments : ndarray of shape (m,), int64
        In how many moments each of the clusters is seen, as from :func:`moments_of`.
    library : int
        How many moments there are in the library.
    across : ndarray of shape (m,), float64
        Mean distance between faces of different moments, as from :func:`spread_across`; NaN where it is not known.
    """

    moments: np.ndarray
    library: int
    across: np.ndarray


def judge(
    sums: np.ndarray,
    counts: np.ndarray,
    person: np.ndarray,
    thresholds: Thresholds,
    occasions: Occasions | None = None,
    asked: np.ndarray | None = None,
) -> np.ndarray:
    """Why each cluster does not count as a person, were it without a name.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each cluster's reliable faces.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds.
    person : ndarray of shape (m,), int64
        The person each cluster is named after, or -1; small named clusters are neighbours as well.
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    occasions : Occasions, optional
        None: nothing is known of when they were seen, and it is not asked.
    asked : ndarray of shape (k,), int64, optional
        Only these clusters, at a cost of k times all; None: all.

    Returns
    -------
    ndarray of shape (m,), or of shape (k,), int64
        The first that applies. :data:`FEW`: fewer than ``min_cluster_size`` reliable faces. :data:`ONE_MOMENT`: a guest or a
        passer-by. :data:`ONE_PICTURE`: a poster, a statue, a screen, for people look another way another day. :data:`MIXED`:
        its faces lie no nearer to one another, in the mean, than to those of another cluster. Else :data:`COUNTS`.
    """
    asked = np.arange(len(counts)) if asked is None else np.asarray(asked, dtype=np.int64)
    size = np.asarray(counts)[asked]
    within = spread(sums[asked], size)
    large = np.flatnonzero((np.asarray(counts) >= thresholds.min_cluster_size) | (np.asarray(person) >= 0))
    between = nearest_other(sums, counts, asked, large)
    seldom, apart = np.zeros(len(asked), dtype=bool), within
    if occasions is not None:
        apart = np.where(np.isnan(occasions.across[asked]), within, occasions.across[asked])
        if occasions.library >= thresholds.library_moments:
            seldom = (occasions.moments[asked] < thresholds.min_moments) & (size < thresholds.moment_faces)
    picture = (size > 1) & (apart < thresholds.picture_distance)
    tests = [size < thresholds.min_cluster_size, seldom, picture, within >= between]
    return np.select(tests, [FEW, ONE_MOMENT, ONE_PICTURE, MIXED], COUNTS)


def people(faces: np.ndarray, clusters: np.ndarray, reliability: np.ndarray, person: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Clusters that count as people, whenever they are seen: named ones, and others as :func:`judge` says of their reliable faces.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (n,), int64, 0.. or -1
    reliability : ndarray of shape (n,), 0..1
    person : ndarray of shape (m,), int64
        The person each cluster is named after, or -1.
    thresholds : Thresholds

    Returns
    -------
    ndarray of shape (m,), bool
    """
    used = np.flatnonzero((np.asarray(reliability) >= thresholds.min_reliability) & np.any(faces, axis=1) & (np.asarray(clusters) >= 0))
    sums, counts = sum_by(faces[used], np.asarray(clusters)[used], len(person))
    chosen: np.ndarray = (np.asarray(person) >= 0) | (judge(sums, counts, person, thresholds) == COUNTS)
    return chosen


def spread(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean pairwise distance within each cluster, shape (m,), float64; 0 for a single face, infinity without one."""
    squares = np.einsum("ij,ij->i", sums, sums, dtype=np.float64)
    pairs = counts * (counts - 1.0)
    similar = np.divide(squares - counts, pairs, out=np.ones(len(counts)), where=pairs > 0)
    return np.where(counts > 0, np.clip(1 - similar, 0, 2), np.inf)


def nearest_other(sums: np.ndarray, counts: np.ndarray, asked: np.ndarray, among: np.ndarray) -> np.ndarray:
    """The least mean pairwise distance of each cluster asked for to another one ``among`` these, shape (k,); infinity without one."""
    among = among[np.asarray(counts)[among] > 0]
    means = sums[among] / counts[among, None].astype(np.float32)
    place = np.full(len(counts), -1)
    place[among] = np.arange(len(among))
    distance = np.full(len(asked), np.inf)
    rows = np.flatnonzero(np.asarray(counts)[asked] > 0)
    for start in range(0, len(rows), 1024):
        part = rows[start : start + 1024]
        mine = asked[part]
        block = 1 - (sums[mine] / counts[mine, None].astype(np.float32)) @ means.T
        own = np.flatnonzero(place[mine] >= 0)
        block[own, place[mine[own]]] = np.inf
        distance[part] = block.min(axis=1, initial=np.inf)
    return distance


def occasions_of(moment: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """A number for each row, equal for rows of one moment; a photo without a moment is one of its own. Shape (n,), int64."""
    return np.where(np.asarray(moment) >= 0, 2 * np.asarray(moment), 2 * np.asarray(photo) + 1)


def moments_of(clusters: np.ndarray, occasion: np.ndarray, m: int) -> np.ndarray:
    """On how many occasions each of ``m`` clusters is seen, shape (m,), int64."""
    used = np.asarray(clusters) >= 0
    pairs = np.unique(np.stack([np.asarray(clusters)[used], np.asarray(occasion)[used]]), axis=1)
    return np.bincount(pairs[0], minlength=m)


def spread_across(faces: np.ndarray, clusters: np.ndarray, occasion: np.ndarray, m: int) -> np.ndarray:
    """Mean distance between faces of different occasions within each of ``m`` clusters, shape (m,), float64; NaN without such.

    Ten shots of one smile and one of another day are two looks; by all pairs they would be one.
    """
    pairs, part = np.unique(np.stack([clusters, occasion]), axis=1, return_inverse=True)
    sums, counts = sum_by(faces, part.ravel(), pairs.shape[1])
    total, number = sum_by(faces, np.asarray(clusters), m)
    similar = np.einsum("ij,ij->i", total, total, dtype=np.float64)
    similar -= np.bincount(pairs[0], np.einsum("ij,ij->i", sums, sums, dtype=np.float64), minlength=m)
    among = number.astype(np.float64) ** 2 - np.bincount(pairs[0], counts.astype(np.float64) ** 2, minlength=m)
    return np.clip(1 - np.divide(similar, among, out=np.full(m, np.nan), where=among > 0), 0, 2)
