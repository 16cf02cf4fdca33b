"""What may not be joined: what people said, and that nobody is twice in a photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.observations import Observations


def pairs_within(key: np.ndarray, item: np.ndarray) -> np.ndarray:
    """Every two different items that occur under one key.

    Parameters
    ----------
    key, item : ndarray of shape (r,), int64
        Items are not negative.

    Returns
    -------
    ndarray of shape (k, 2), int64
        Pairs (lower, higher) of items, sorted, each once.
    """
    if not len(key):
        return np.empty((0, 2), dtype=np.int64)
    index = np.unique(key, return_inverse=True)[1]
    both = unique_pairs(np.stack([index, item], axis=1).astype(np.int64))
    found = []
    here = np.arange(len(both))
    for shift in range(1, len(both)):
        here = here[here + shift < len(both)]
        here = here[both[here, 0] == both[here + shift, 0]]
        if not len(here):
            break
        found.append(np.stack([both[here, 1], both[here + shift, 1]], axis=1))
    if not found:
        return np.empty((0, 2), dtype=np.int64)
    return unique_pairs(np.concatenate(found))


def rows_apart(observations: Observations, same_photo_cut: float) -> np.ndarray:
    """Pairs of rows of one photo that are not nearly identical, hence two people: ndarray of shape (k, 2), int64."""
    pairs = pairs_within(observations.photo, np.arange(len(observations)))
    faces, has_face = observations.faces, observations.has_face
    keep = np.ones(len(pairs), dtype=bool)
    for start in range(0, len(pairs), 65536):
        a, b = pairs[start : start + 65536].T
        near = 1 - np.einsum("ij,ij->i", faces[a], faces[b]) < same_photo_cut
        keep[start : start + 65536] = ~(near & has_face[a] & has_face[b])
    return pairs[keep]


@dataclass(frozen=True, eq=False)
class Constraints:
    """What may not be joined, for nodes that stand for one or more observations each.

    Attributes
    ----------
    person : ndarray of shape (m,), int64
        Nodes of different persons >= 0 are never joined; -1 for none.
    apart : ndarray of shape (k, 2), int64
        Pairs of nodes never joined.
    rejected : ndarray of shape (r, 2), int64
        Pairs (node, person): the node is never joined with nodes of that person.
    """

    person: np.ndarray
    apart: np.ndarray
    rejected: np.ndarray

    @staticmethod
    def none(m: int) -> Constraints:
        """No constraint on ``m`` nodes."""
        empty = np.empty((0, 2), dtype=np.int64)
        return Constraints(np.full(m, -1, dtype=np.int64), empty, empty)

    def joined(self, target: np.ndarray, m: int) -> Constraints:
        """The constraints after node i has become ``target[i]``, one of ``m`` nodes."""
        person = np.full(m, -1, dtype=np.int64)
        np.maximum.at(person, target, self.person)
        apart = np.sort(target[self.apart], axis=1)
        apart = unique_pairs(apart[apart[:, 0] != apart[:, 1]])
        rejected = np.stack([target[self.rejected[:, 0]], self.rejected[:, 1]], axis=1)
        return Constraints(person, apart, unique_pairs(rejected))

    def allow(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Which of the pairs of nodes (a, b) may be joined: ndarray of shape (k,), bool."""
        first, second = self.person[a], self.person[b]
        allowed = (first < 0) | (second < 0) | (first == second)
        if len(self.apart):
            allowed &= ~_contains(self.apart, np.minimum(a, b), np.maximum(a, b))
        if len(self.rejected):
            allowed &= ~_contains(self.rejected, a, second) & ~_contains(self.rejected, b, first)
        return allowed


def unique_pairs(pairs: np.ndarray) -> np.ndarray:
    """The different rows of an int64 array of shape (k, 2), none negative, sorted."""
    if not len(pairs):
        return pairs
    width = int(pairs[:, 1].max()) + 1
    keys = np.unique(pairs[:, 0] * width + pairs[:, 1])
    return np.stack([keys // width, keys % width], axis=1)


def _contains(pairs: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    width = int(pairs[:, 1].max()) + 1
    keys = pairs[:, 0] * width + pairs[:, 1]
    wanted = np.where((b >= 0) & (b < width), a * width + b, -1)
    spot = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found: np.ndarray = keys[spot] == wanted
    return found
