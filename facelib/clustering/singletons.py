"""Reassignment of singletons by a ratio test: a face left alone joins the one known person it is near, if no other is.

The threshold for few faces must be strict, because among thousands of strangers some two are always within a wider one. But a
stranger who is near to one person by chance is about as near to the next, while a poor photo of a well-known person is far from
everyone except that person. So such a face may join from farther away if everything else is farther still, by a margin: the test
by which Lowe (2004) tells true matches of features from chance ones. The more people a library holds, the fewer faces pass it.
"""

from __future__ import annotations

import numpy as np

from facelib.clustering.adaptive_threshold import effective_size, excess_variance
from facelib.clustering.constraints import Constraints
from facelib.clustering.sums import intra_distances, mean_vectors

KNOWN_SIZE = 2.5
"""Clusters of this effective size are well known, and smaller ones may join them; a burst counts as one face."""
ROWS, COLUMNS = 512, 8192


def attach_singletons(
    sums: np.ndarray,
    counts: np.ndarray,
    penalty: np.ndarray,
    constraints: Constraints,
    intra_distance: float,
    max_distance: float,
    margin: float,
) -> np.ndarray:
    """Join clusters of one or two faces to the well-known cluster they are near, if all others are farther by a margin.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each cluster.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds; clusters of 0 are ignored.
    penalty : ndarray of shape (m,), float32
        See :mod:`facelib.clustering.cohort_normalization`; the mean of those of two clusters is added to their distance.
    constraints : Constraints
        Pairs never joined. Clusters that a person or a rejection belongs to stay as they are.
    intra_distance : float
        Expected mean distance of two faces of one person, see :mod:`facelib.clustering.adaptive_threshold`; the excess variance
        of the known cluster is taken off the distance to it.
    max_distance : float
        Only nearer clusters are joined.
    margin : float
        How much farther all other clusters, single faces included, must be.

    Returns
    -------
    ndarray of shape (m,), int64
        The cluster each one joins, or itself.
    """
    m = len(sums)
    target = np.arange(m)
    within = intra_distances(sums, counts)
    size = effective_size(within, counts, intra_distance)
    single = (size > 0) & (size < KNOWN_SIZE) & (constraints.person < 0)
    single[constraints.rejected[:, 0]] = False
    known = np.flatnonzero(size >= KNOWN_SIZE)
    rows = np.flatnonzero(single)
    if not len(known) or not len(rows):
        return target
    distances = _Distances(sums, counts, penalty, excess_variance(within[None], size[None], intra_distance))
    best, nearest, second = distances.nearest(rows, known)
    likely = (nearest < max_distance) & (nearest < second - margin)
    rows, best, nearest = rows[likely], best[likely], nearest[likely]
    # Few rows are left, so the search through all single faces is cheap.
    clear = nearest < distances.nearest_but(rows, best, np.flatnonzero(size > 0)) - margin
    clear &= constraints.allow(rows, best)
    rows, best, nearest = rows[clear], best[clear], nearest[clear]
    order = np.lexsort((rows, nearest))
    target[rows[order]] = best[order]
    conflicting = _conflicting(target, rows[order], constraints.cannot_link)
    target[conflicting] = conflicting
    return target


class _Distances:
    """Distances between clusters, corrected by their penalties and by the excess variance of the second."""

    def __init__(self, sums: np.ndarray, counts: np.ndarray, penalty: np.ndarray, excess: np.ndarray) -> None:
        self.means = mean_vectors(sums, counts)
        self.from_here = np.asarray(penalty, dtype=np.float32) / 2
        self.to_there = self.from_here - excess.astype(np.float32)

    def block(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Distances from the rows to other clusters: ndarray of shape (rows, columns); infinite to themselves."""
        result = 1 - self.means[rows] @ self.means[columns].T + self.from_here[rows, None] + self.to_there[columns]
        index = np.minimum(np.searchsorted(columns, rows), len(columns) - 1)
        own = np.flatnonzero(columns[index] == rows)
        result[own, index[own]] = np.inf
        return np.asarray(result)

    def nearest(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The nearest of the columns (sorted), its distance, and that of the next: three ndarrays of shape (rows,)."""
        best = np.zeros(len(rows), dtype=np.int64)
        # Where there is no other cluster, one may still come; nothing is farther than 2.
        first, second = np.full(len(rows), 2, dtype=np.float32), np.full(len(rows), 2, dtype=np.float32)
        for top in range(0, len(rows), ROWS):
            chunk = slice(top, top + ROWS)
            index = np.arange(len(rows[chunk]))
            for left in range(0, len(columns), COLUMNS):
                block = self.block(rows[chunk], columns[left : left + COLUMNS])
                column = block.argmin(axis=1)
                value = block[index, column]
                block[index, column] = np.inf
                second[chunk] = np.minimum(np.minimum(second[chunk], np.maximum(first[chunk], value)), block.min(axis=1))
                best[chunk] = np.where(value < first[chunk], columns[left + column], best[chunk])
                first[chunk] = np.minimum(first[chunk], value)
        return best, first, second

    def nearest_but(self, rows: np.ndarray, excluded: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The least distance to any of the columns (sorted) other than ``excluded``: ndarray of shape (rows,)."""
        best, first, second = self.nearest(rows, columns)
        return np.where(best == excluded, second, first)


def _conflicting(target: np.ndarray, order: np.ndarray, cannot_link: np.ndarray) -> list[int]:
    """Clusters of ``order`` that may not join their target, because one before them has joined it that they must stay apart from."""
    moving = np.zeros(len(target), dtype=bool)
    moving[order] = True
    pairs = cannot_link[moving[cannot_link].all(axis=1)]
    pairs = pairs[target[pairs[:, 0]] == target[pairs[:, 1]]]
    barred: dict[int, set[int]] = {}
    for a, b in pairs.tolist():
        barred.setdefault(a, set()).add(b)
        barred.setdefault(b, set()).add(a)
    conflicting: list[int] = []
    joined: set[int] = set()
    for row in (row for row in order.tolist() if row in barred):
        if barred[row] & joined:
            conflicting.append(row)
        else:
            joined.add(row)
    return conflicting
