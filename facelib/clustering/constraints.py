"""Cannot-link constraints: from the verdicts of users, and because no person is twice in a photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.observations import Observations
from facelib.records import NO_PERSON

_ABSENT = -1
"""The new index of a node that a restriction leaves out."""


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

    Examples
    --------
    >>> pairs_within(np.array([7, 7, 8, 7]), np.array([2, 0, 5, 3])).tolist()
    [[0, 2], [0, 3], [2, 3]]
    """
    if not len(key):
        return np.empty((0, 2), dtype=np.int64)
    index = np.unique(key, return_inverse=True)[1]
    both = unique_pairs(np.stack([index, item], axis=1).astype(np.int64))
    pairs = []
    start = np.arange(len(both))
    for shift in range(1, len(both)):
        start = start[start + shift < len(both)]
        start = start[both[start, 0] == both[start + shift, 0]]
        if not len(start):
            break
        pairs.append(np.stack([both[start, 1], both[start + shift, 1]], axis=1))
    if not pairs:
        return np.empty((0, 2), dtype=np.int64)
    return unique_pairs(np.concatenate(pairs))


def same_photo_pairs(observations: Observations, same_photo_threshold: float) -> np.ndarray:
    """Pairs of rows of one photo that are not nearly identical, hence two people: ndarray of shape (k, 2), int64."""
    pairs = pairs_within(observations.photo, np.arange(len(observations)))
    faces, has_face = observations.faces, observations.has_face
    two = np.ones(len(pairs), dtype=bool)
    for start in range(0, len(pairs), 65536):
        a, b = pairs[start : start + 65536].T
        near = 1 - np.einsum("ij,ij->i", faces[a], faces[b]) < same_photo_threshold
        two[start : start + 65536] = ~(near & has_face[a] & has_face[b])
    return pairs[two]


@dataclass(frozen=True, eq=False)
class Constraints:
    """What may not be joined. A node is one observation, or several that are joined already.

    Attributes
    ----------
    person : ndarray of shape (m,), int64
        Nodes of different persons are never joined; ``NO_PERSON`` for none.
    cannot_link : ndarray of shape (k, 2), int64
        Pairs of nodes never joined. They may be given in any order, and are stored as (lower, higher), sorted, each once.
    rejected : ndarray of shape (r, 2), int64
        Pairs (node, person): the node is never joined with nodes of that person. Stored sorted, each once.
    """

    person: np.ndarray
    cannot_link: np.ndarray
    rejected: np.ndarray

    def __post_init__(self) -> None:
        # Looking a pair up needs them sorted.
        pairs = np.sort(self.cannot_link, axis=1)
        object.__setattr__(self, "cannot_link", unique_pairs(pairs[pairs[:, 0] != pairs[:, 1]]))
        object.__setattr__(self, "rejected", unique_pairs(self.rejected))

    @staticmethod
    def none(m: int) -> Constraints:
        """No constraint on ``m`` nodes."""
        empty = np.empty((0, 2), dtype=np.int64)
        return Constraints(np.full(m, NO_PERSON, dtype=np.int64), empty, empty)

    def joined(self, target: np.ndarray, m: int) -> Constraints:
        """The constraints after node i has become ``target[i]``, one of ``m`` nodes; ``target`` has shape (nodes,), int64."""
        person = np.full(m, NO_PERSON, dtype=np.int64)
        np.maximum.at(person, target, self.person)
        rejected = np.stack([target[self.rejected[:, 0]], self.rejected[:, 1]], axis=1)
        return Constraints(person, target[self.cannot_link], rejected)

    def restricted(self, nodes: np.ndarray) -> Constraints:
        """The constraints among some nodes, an ndarray of shape (k,), int64, all different; node ``nodes[i]`` becomes node i."""
        position = np.full(len(self.person), _ABSENT, dtype=np.int64)
        position[nodes] = np.arange(len(nodes))
        pairs = position[self.cannot_link]
        rejected = np.stack([position[self.rejected[:, 0]], self.rejected[:, 1]], axis=1)
        return Constraints(self.person[nodes], pairs[(pairs > _ABSENT).all(axis=1)], rejected[rejected[:, 0] > _ABSENT])

    def allow(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Which of the pairs of nodes (a, b) may be joined: ndarray of shape (k,), bool."""
        first, second = self.person[a], self.person[b]
        allowed = (first < 0) | (second < 0) | (first == second)
        if len(self.cannot_link):
            allowed &= ~_contains(self.cannot_link, np.minimum(a, b), np.maximum(a, b))
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
    """Which of (a, b) are among the sorted pairs; a negative b is not."""
    width = int(pairs[:, 1].max()) + 1
    keys = pairs[:, 0] * width + pairs[:, 1]
    wanted = np.where((b >= 0) & (b < width), a * width + b, _ABSENT)
    index = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    contained: np.ndarray = keys[index] == wanted
    return contained
