"""Which two clusters may be one person: nearest neighbours by mean distance, those first whose merge gains most.

Arrays only. The caller leaves out pairs for other reasons, such as a shared photo, because these are looked up pair by pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.sums import mean_vectors

NEIGHBOURS = 6
"""Each cluster is paired with so many of its nearest ones."""
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class CandidatePairs:
    """Pairs that may be one person, the greatest gain first.

    Attributes
    ----------
    first, second : ndarray of shape (k,), int64
        Indices; a named one before an unnamed one, then the one with more faces first.
    distance : ndarray of shape (k,), float64
        Mean cosine distance between faces of the one and of the other, 0..2.
    gain : ndarray of shape (k,), float64
        Faces that a merge gives to another, weighted by how near the pair is.
    """

    first: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    gain: np.ndarray

    def __len__(self) -> int:
        return len(self.first)


def candidate_pairs(sums: np.ndarray, counts: np.ndarray, faces: np.ndarray, named: np.ndarray, max_distance: float) -> CandidatePairs:
    """Pairs of near clusters of which at most one is named.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of the reliable faces of each.
    counts : ndarray of shape (m,), int64
        How many these are; those of 0 are in no pair.
    faces : ndarray of shape (m,), int64
        How many faces each has, reliable or not.
    named : ndarray of shape (m,), bool
        Two with a name each are two people.
    max_distance : float
        Only nearer pairs.

    Examples
    --------
    >>> sums = np.array([[3, 0, 0], [1.6, 1.2, 0], [0, 0, 5]], dtype=np.float32)
    >>> pairs = candidate_pairs(sums, np.array([3, 2, 5]), np.array([3, 2, 5]), np.zeros(3, dtype=bool), 0.6)
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.distance.round(2).tolist()
    ([0], [1], [0.2])
    """
    filled = np.flatnonzero(np.asarray(counts) > 0)
    left, right, similarity = _nearest_pairs(mean_vectors(sums[filled], counts[filled]))
    left, right, distance = filled[left], filled[right], 1 - similarity
    allowed = (distance < max_distance) & ~(named[left] & named[right])
    left, right, distance = left[allowed], right[allowed], distance[allowed]
    gain = np.minimum(faces[left], faces[right]) * (1 - distance / max_distance)
    order = np.lexsort((right, left, -gain))
    left, right, distance, gain = left[order], right[order], distance[order], gain[order]
    swap = (named[right] > named[left]) | ((named[right] == named[left]) & (faces[right] > faces[left]))
    return CandidatePairs(np.where(swap, right, left), np.where(swap, left, right), distance, gain)


def _nearest_pairs(means: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each row with its nearest others, every pair once: two arrays of indices, the lower first, and the mean similarity."""
    pairs: dict[tuple[int, int], float] = {}
    number = min(NEIGHBOURS, len(means) - 1)
    for start in range(0, len(means) if number > 0 else 0, _BLOCK):
        similarity = means[start : start + _BLOCK] @ means.T
        rows = np.arange(len(similarity))
        similarity[rows, start + rows] = -np.inf
        best = np.argpartition(-similarity, number - 1, axis=1)[:, :number]
        for row, columns in enumerate(best.tolist()):
            for column in columns:
                pairs[min(start + row, column), max(start + row, column)] = float(similarity[row, column])
    keys = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return keys[:, 0], keys[:, 1], np.array(list(pairs.values()), dtype=np.float64)
