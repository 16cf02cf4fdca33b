"""The nodes of a linkage while it runs: sums, counts and constraints of the clusters made so far."""

from __future__ import annotations

import numpy as np

from facelib.clustering.adaptive_threshold import effective_size, threshold_offset
from facelib.clustering.constraints import Constraints
from facelib.clustering.dendrogram import Dendrogram
from facelib.clustering.sums import intra_distances

CHUNK = 16384


class LinkageNodes:
    """The clusters at one time of the linkage; the first ``rows`` are the touched ones."""

    def __init__(
        self,
        sums: np.ndarray,
        counts: np.ndarray,
        constraints: Constraints,
        rows: int,
        penalty: np.ndarray,
        tree: Dendrogram,
        intra_distance: float | None,
    ) -> None:
        self.sums, self.counts, self.constraints, self.rows, self.tree = sums, counts, constraints, rows, tree
        # Half the penalty of each node, the mean over its vectors: a distance gets one half from either side.
        self.penalty = penalty / 2
        self.intra_distance = intra_distance
        self.vertices = np.arange(len(sums))

    def distances(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Mean distances of the pairs (a, b): ndarray of shape (k,), float32."""
        result = np.empty(len(a), dtype=np.float32)
        for start in range(0, len(a), CHUNK):
            i, j = a[start : start + CHUNK], b[start : start + CHUNK]
            products = np.einsum("ij,ij->i", self.sums[i], self.sums[j])
            result[start : start + CHUNK] = 1 - products / (self.counts[i] * self.counts[j]) + self.penalty[i] + self.penalty[j]
        return result

    def join(self, into: np.ndarray, gone: np.ndarray) -> np.ndarray:
        """Join node ``gone[k]`` into ``into[k]``, all different; returns the index each node has now: shape (nodes,), int64."""
        if self.intra_distance is not None:
            self.vertices[into] = self._record(into, gone, self.intra_distance)
        total = self.counts[into] * self.penalty[into] + self.counts[gone] * self.penalty[gone]
        self.penalty[into] = total / (self.counts[into] + self.counts[gone])
        self.sums[into] += self.sums[gone]
        self.counts[into] += self.counts[gone]
        target = np.arange(len(self.sums))
        target[gone] = into
        self.constraints = self.constraints.joined(target, len(target))
        return target

    def _record(self, into: np.ndarray, gone: np.ndarray, intra_distance: float) -> np.ndarray:
        counts = np.stack([self.counts[into], self.counts[gone]])
        within = np.stack([intra_distances(self.sums[side], self.counts[side]) for side in (into, gone)])
        sizes = effective_size(within, counts, intra_distance)
        distance = self.distances(into, gone) - threshold_offset(within, sizes, intra_distance)
        return self.tree.add(self.vertices[into], self.vertices[gone], sizes.sum(axis=0), distance)

    def compress(self, remaining: np.ndarray) -> None:
        """Drop the nodes that went into others; ``remaining`` is an ndarray of shape (nodes,), bool."""
        self.sums, self.counts, self.vertices = self.sums[remaining], self.counts[remaining], self.vertices[remaining]
        self.penalty = self.penalty[remaining]
        self.rows = int(remaining[: self.rows].sum())
        self.constraints = self.constraints.restricted(np.flatnonzero(remaining))
