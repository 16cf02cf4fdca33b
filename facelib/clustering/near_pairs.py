"""The pairs of nodes below a distance, found by blocked matrix products within a budget of memory."""

from __future__ import annotations

import numpy as np

from facelib.clustering.linkage_nodes import LinkageNodes

PAIRS_PER_NODE = 40
MIN_PAIRS = 500_000
"""Budget: so many pairs for each node, but at least this many."""
ROWS, COLUMNS = 512, 2048
"""A block of the matrix product; it stays in the cache of one core while it is searched."""


class NearPairs:
    """Pairs of nodes below a distance, which falls whenever they become twice as many as the budget."""

    def __init__(self, budget: int, max_distance: float) -> None:
        self.budget, self.max_distance, self.size = budget, max_distance, 0
        self.a, self.b = np.empty(2 * budget, dtype=np.int32), np.empty(2 * budget, dtype=np.int32)
        self.distance = np.empty(2 * budget, dtype=np.float32)

    def add(self, a: np.ndarray, b: np.ndarray, distance: np.ndarray) -> None:
        """Append pairs below ``max_distance``, which may fall; a and b are nodes, and all three have shape (k,)."""
        while self.size + len(a) > len(self.a):
            if not self._lower() or self.size + len(a) > len(self.a):
                self._grow(self.size + len(a))
            near = distance < self.max_distance
            a, b, distance = a[near], b[near], distance[near]
        end = self.size + len(a)
        self.a[self.size : end], self.b[self.size : end], self.distance[self.size : end] = a, b, distance
        self.size = end

    def _lower(self) -> bool:
        """Drop the farthest beyond the budget; False where equal distances, which no bound can tell apart, leave none to drop."""
        if self.size <= self.budget:
            return False
        filled = self.distance[: self.size]
        bound = float(np.partition(filled, self.budget)[self.budget])
        near = np.flatnonzero(filled < bound)
        if not len(near):
            return False
        self.size, self.max_distance = len(near), bound
        for column in (self.a, self.b, self.distance):
            column[: len(near)] = column[near]
        return True

    def _grow(self, capacity: int) -> None:
        """Make room for at least so many pairs."""
        more = max(capacity, 2 * len(self.a)) - len(self.a)
        self.a, self.b, self.distance = (np.concatenate([c, np.empty(more, dtype=c.dtype)]) for c in (self.a, self.b, self.distance))

    def release(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs (a, b) and their distances, each of shape (size,); the memory here is freed: a gigabyte at a million nodes."""
        released = self.a[: self.size], self.b[: self.size], self.distance[: self.size]
        self.a, self.b, self.distance, self.size = self.a[:0].copy(), self.b[:0].copy(), self.distance[:0].copy(), 0
        return released


def pairs_below(nodes: LinkageNodes, max_distance: float) -> NearPairs:
    """All allowed pairs with a touched node below the distance, or below a smaller one that fits the budget."""
    means = nodes.sums / nodes.counts[:, None].astype(np.float32)
    m = len(means)
    slack = 2 * max(0.0, -float(nodes.penalty.min(initial=0)))
    pairs = NearPairs(max(PAIRS_PER_NODE * m, MIN_PAIRS), max_distance)
    buffer = np.empty(ROWS * COLUMNS, dtype=np.float32)
    for top in range(0, nodes.rows, ROWS):
        rows = means[top : min(top + ROWS, nodes.rows)]
        for left in range(top, m, COLUMNS):
            columns = means[left : left + COLUMNS]
            block = buffer[: len(rows) * len(columns)].reshape(len(rows), len(columns))
            np.matmul(rows, columns.T, out=block)
            hits = np.flatnonzero(block.ravel() > np.float32(1 - pairs.max_distance - slack))
            if not len(hits):
                continue
            a, b = hits // len(columns) + top, hits % len(columns) + left
            distance = 1 - block.ravel()[hits] + nodes.penalty[a] + nodes.penalty[b]
            near = (a < b) & (distance < pairs.max_distance)
            near &= nodes.constraints.allow(a, b)
            pairs.add(a[near], b[near], distance[near])
    return pairs
