"""The dendrogram of a linkage: its joins in their order, each with its size and distance, to be cut afterwards."""

from __future__ import annotations

import numpy as np

from facelib.clustering.adaptive_threshold import threshold_for


class Dendrogram:
    """The joins of a linkage.

    Attributes
    ----------
    m : int
        Number of nodes that were given; those without a vector take no part.
    order : ndarray of shape (leaves,), int64
        The node of each leaf.
    roots : ndarray of shape (leaves,), int64
        The cluster of each leaf after all joins.
    """

    def __init__(self, m: int, order: np.ndarray) -> None:
        self.m, self.order = m, order
        self.roots = np.arange(len(order))
        self._next = len(order)
        self._joins: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, left: np.ndarray, right: np.ndarray, size: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Append joins.

        Parameters
        ----------
        left, right : ndarray of shape (k,), int64
            The two vertices that each join joins: leaves, or results of earlier joins.
        size : ndarray of shape (k,), float64
            Effective sizes of both sides, added.
        distance : ndarray of shape (k,), float64
            Mean distance, corrected for how varied the sides are.

        Returns
        -------
        ndarray of shape (k,), int64
            The vertices the joins make.
        """
        self._joins.append((left, right, size, distance))
        self._next += len(left)
        return np.arange(self._next - len(left), self._next)

    def cut(self, pair_threshold: float, linkage_threshold: float) -> np.ndarray:
        """Cut the tree: a join counts only if it is nearer than :func:`facelib.clustering.adaptive_threshold.threshold_for` its size.

        Returns
        -------
        ndarray of shape (m,), int64
            0.. in the order of their first nodes.
        """
        if not self._joins:
            return self._labels(np.arange(len(self.order)))
        left, right, size, distance = (np.concatenate(column) for column in zip(*self._joins, strict=True))
        accepted = distance < threshold_for(size, pair_threshold, linkage_threshold)
        return self._labels(cut_tree(len(self.order), left, right, accepted))

    def whole(self) -> np.ndarray:
        """Clusters of the nodes with all joins made: ndarray of shape (m,), int64, 0.. in the order of their first nodes."""
        return self._labels(self.roots)

    def _labels(self, cluster_of_leaf: np.ndarray) -> np.ndarray:
        cluster_of_leaf = np.unique(cluster_of_leaf, return_inverse=True)[1]
        first_node = np.full(self.m, self.m)
        np.minimum.at(first_node, cluster_of_leaf, self.order)
        label = np.arange(self.m)
        label[self.order] = first_node[cluster_of_leaf]
        return np.unique(label, return_inverse=True)[1].astype(np.int64)


def cut_tree(m: int, left: np.ndarray, right: np.ndarray, accepted: np.ndarray) -> np.ndarray:
    """Keep the highest accepted joins, with all joins below them.

    Parameters
    ----------
    m : int
        Number of leaves 0..m-1; join k makes vertex m + k.
    left, right : ndarray of shape (k,), int64
        The two vertices that each join joins; they are made before it.
    accepted : ndarray of shape (k,), bool

    Returns
    -------
    ndarray of shape (m,), int64
        For each leaf the vertex it belongs to in the end: a join, or itself.

    Examples
    --------
    >>> cut_tree(3, np.array([0, 3]), np.array([1, 2]), np.array([True, False])).tolist()
    [3, 3, 2]
    """
    owner = np.arange(m + len(left)).tolist()
    joins = list(zip(left.tolist(), right.tolist(), accepted.tolist(), strict=True))
    for k in range(len(joins) - 1, -1, -1):
        a, b, is_accepted = joins[k]
        above = owner[m + k]
        if is_accepted or above != m + k:
            owner[a] = owner[b] = above
    return np.array(owner[:m], dtype=np.int64)
