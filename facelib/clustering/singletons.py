"""One or two looks that linkage has left over, taken in by a person they are near where nobody else is.

The cut for few looks must be strict, for among thousands of strangers some two are always within any wider one. But a stranger
who is near to one person by chance is about as near to the next, while a poor photo of somebody well known is far from
everybody except himself. So it may be taken in from farther away if all else is farther still, by a margin: the test by which
Lowe (2004) tells true matches of features from chance ones. The more people a library holds, the fewer pass it.
"""

from __future__ import annotations

import numpy as np

from facelib.clustering.adaptive_threshold import looks, spread, width
from facelib.clustering.constraints import Constraints

KNOWN_LOOKS = 2.5
"""Clusters of as many looks take in those of fewer; a burst counts as one look."""
ROWS, COLUMNS = 512, 8192


def absorb(
    sums: np.ndarray,
    counts: np.ndarray,
    penalty: np.ndarray,
    constraints: Constraints,
    usual: float,
    reach: float,
    margin: float,
) -> np.ndarray:
    """Where each cluster goes: the one it is taken in by, or itself.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each cluster.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds; clusters of 0 have no part in it.
    penalty : ndarray of shape (m,), float32
        See :mod:`facelib.clustering.cohort_normalization`; the mean of those of two clusters is added to their distance.
    constraints : Constraints
        Pairs never joined. Clusters somebody has said anything about are not taken in.
    usual : float
        See :func:`facelib.clustering.adaptive_threshold.looks` and ``width``; the latter is taken off the distance to a cluster.
    reach : float
        Only what is nearer is taken in, whatever else there is.
    margin : float
        By how much farther all other clusters, single faces included, must be.

    Returns
    -------
    ndarray of shape (m,), int64
    """
    m = len(sums)
    target = np.arange(m)
    spreads = spread(sums, counts)
    seen = looks(spreads, counts, usual)
    single = (seen > 0) & (seen < KNOWN_LOOKS) & (constraints.person < 0)
    single[constraints.rejected[:, 0]] = False
    known = np.flatnonzero(seen >= KNOWN_LOOKS)
    rows = np.flatnonzero(single)
    if not len(known) or not len(rows):
        return target
    field = _Field(sums, counts, penalty, width(spreads[None], seen[None], usual))
    spot, nearest, second = field.nearest(rows, known)
    likely = (nearest < reach) & (nearest < second - margin)
    rows, spot, nearest = rows[likely], spot[likely], nearest[likely]
    # Far fewer are left for the search through all the single faces.
    clear = nearest < field.next_to(rows, spot, np.flatnonzero(seen > 0)) - margin
    clear &= constraints.allow(rows, spot)
    rows, spot, nearest = rows[clear], spot[clear], nearest[clear]
    order = np.lexsort((rows, nearest))
    target[rows[order]] = spot[order]
    target[_excess(target, rows[order], constraints.apart)] = -1
    return np.where(target < 0, np.arange(m), target)


class _Field:
    """Distances between clusters, corrected for crowding and for how varied the farther one is."""

    def __init__(self, sums: np.ndarray, counts: np.ndarray, penalty: np.ndarray, widths: np.ndarray) -> None:
        self.means = sums / np.maximum(counts, 1)[:, None].astype(np.float32)
        self.from_here = np.asarray(penalty, dtype=np.float32) / 2
        self.to_there = self.from_here - widths.astype(np.float32)

    def block(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Distances from the rows to other clusters: ndarray of shape (rows, columns); infinite to themselves."""
        found = 1 - self.means[rows] @ self.means[columns].T + self.from_here[rows, None] + self.to_there[columns]
        spot = np.minimum(np.searchsorted(columns, rows), len(columns) - 1)
        own = np.flatnonzero(columns[spot] == rows)
        found[own, spot[own]] = np.inf
        return np.asarray(found)

    def nearest(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The nearest of the columns (sorted), its distance, and that of the next: ndarrays of shape (rows,)."""
        spot = np.zeros(len(rows), dtype=np.int64)
        # Where there is nobody else, somebody may come; nothing is farther than 2.
        first, second = np.full(len(rows), 2, dtype=np.float32), np.full(len(rows), 2, dtype=np.float32)
        for top in range(0, len(rows), ROWS):
            part = slice(top, top + ROWS)
            here = np.arange(len(rows[part]))
            for left in range(0, len(columns), COLUMNS):
                found = self.block(rows[part], columns[left : left + COLUMNS])
                best = found.argmin(axis=1)
                value = found[here, best]
                found[here, best] = np.inf
                second[part] = np.minimum(np.minimum(second[part], np.maximum(first[part], value)), found.min(axis=1))
                spot[part] = np.where(value < first[part], columns[left + best], spot[part])
                first[part] = np.minimum(first[part], value)
        return spot, first, second

    def next_to(self, rows: np.ndarray, but: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The least distance to any of the columns (sorted) other than ``but``: ndarray of shape (rows,)."""
        spot, first, second = self.nearest(rows, columns)
        return np.where(spot == but, second, first)


def _excess(target: np.ndarray, order: np.ndarray, apart: np.ndarray) -> list[int]:
    """Those of the taken in that may not be with one taken in before them, as two people of one photo."""
    moving = np.zeros(len(target), dtype=bool)
    moving[order] = True
    pairs = apart[moving[apart].all(axis=1)]
    pairs = pairs[target[pairs[:, 0]] == target[pairs[:, 1]]]
    barred: dict[int, set[int]] = {}
    for a, b in pairs.tolist():
        barred.setdefault(a, set()).add(b)
        barred.setdefault(b, set()).add(a)
    gone: list[int] = []
    taken: set[int] = set()
    for row in (one for one in order.tolist() if one in barred):
        if barred[row] & taken:
            gone.append(row)
        else:
            taken.add(row)
    return gone
