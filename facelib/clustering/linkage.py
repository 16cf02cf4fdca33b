"""Average linkage under constraints (UPGMA by sum vectors): pass 2, exact, in memory that grows with the nodes, not their pairs.

With unit vectors the mean pairwise cosine distance of groups A and B is ``1 - S_A . S_B / (|A| |B|)``, S the sums of their
vectors. Average linkage is reducible: joining never brings two groups nearer than the nearer of their parts was. This also holds
with pairs that may not be joined counted as infinitely far. Two things follow (Bruynooghe 1977; Murtagh 1983):

* Reciprocal nearest neighbours can be joined in any order, so all of them are joined at once, in rounds.
* Groups are nearer than a threshold only if some of their parts are. So the pairs of nodes below the threshold, found once by
  blocked matrix products, are all that is ever needed. Where they are too many to keep, a lower threshold comes first: its result
  is the tree cut lower, and the next, smaller, search goes on from there.

The tree can then be cut by a size-dependent threshold, see :mod:`facelib.clustering.adaptive_threshold`.
"""

from __future__ import annotations

import numpy as np

from facelib.clustering.adaptive_threshold import MAX_OFFSET
from facelib.clustering.constraints import Constraints
from facelib.clustering.dendrogram import Dendrogram
from facelib.clustering.linkage_nodes import LinkageNodes
from facelib.clustering.near_pairs import NearPairs, pairs_below


def link(
    sums: np.ndarray,
    counts: np.ndarray,
    threshold: float,
    constraints: Constraints | None = None,
    touched: np.ndarray | None = None,
    pair_threshold: float | None = None,
    intra_distance: float = 1.0,
    penalty: np.ndarray | None = None,
) -> np.ndarray:
    """Join nodes by average linkage while the mean distance is below ``threshold``.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each node.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds; a node of 0 stays alone.
    threshold : float
        Cosine distance; nodes at or beyond it stay apart.
    constraints : Constraints, optional
        Pairs never joined, carried through all joins.
    touched : ndarray of shape (m,), bool, optional
        Search only pairs with a touched node, at a cost of touched times all; the others are taken to be farther apart than the
        threshold, as an earlier call with the same threshold has left them. None: all pairs.
    pair_threshold : float, optional
        Threshold for a join of two single faces. It rises towards ``threshold`` with the size of the join, and a little beyond
        for varied people. The highest joins of the tree that pass are kept, with all below. None: ``threshold`` for all.
    intra_distance : float
        Expected mean distance of two faces of one person, see :mod:`facelib.clustering.adaptive_threshold`; read only with
        ``pair_threshold``.
    penalty : ndarray of shape (m,), float32, optional
        Added to the distance of each node to any other, half of it from either side, see
        :mod:`facelib.clustering.cohort_normalization`. The linkage is that of the vectors' pairs with these distances.

    Returns
    -------
    ndarray of shape (m,), int64
        Clusters 0.. in the order of their first nodes.

    Raises
    ------
    ValueError
        If the numbers of sums and counts differ.

    Examples
    --------
    >>> link(np.array([[1, 0], [0, 1], [1, 0]]), np.ones(3), 0.5).tolist()
    [0, 1, 0]
    """
    if pair_threshold is None:
        return build_tree(sums, counts, threshold, constraints, touched, penalty=penalty).whole()
    loosest = threshold + MAX_OFFSET * intra_distance
    return build_tree(sums, counts, loosest, constraints, touched, intra_distance, penalty).cut(pair_threshold, threshold)


def build_tree(
    sums: np.ndarray,
    counts: np.ndarray,
    threshold: float,
    constraints: Constraints | None = None,
    touched: np.ndarray | None = None,
    intra_distance: float | None = None,
    penalty: np.ndarray | None = None,
) -> Dendrogram:
    """The tree of average linkage below ``threshold``, to be cut later; arguments and errors as of :func:`link`.

    Without ``intra_distance`` the joins are not recorded, and the tree can only be taken whole.
    """
    m = len(sums)
    if len(counts) != m:
        raise ValueError(f"{m} sums and {len(counts)} counts")
    constraints = constraints or Constraints.none(m)
    counts = np.asarray(counts, dtype=np.int64)
    penalty = np.zeros(m, dtype=np.float32) if penalty is None else np.asarray(penalty, dtype=np.float32)
    first = np.ones(m, dtype=bool) if touched is None else np.asarray(touched, dtype=bool)
    # Touched nodes come first, so that the rows of the search are one slice.
    order = np.flatnonzero(counts > 0)
    order = order[np.argsort(~first[order], kind="stable")]
    tree = Dendrogram(m, order)
    inner, rows = constraints.restricted(order), int(first[order].sum())
    nodes = LinkageNodes(np.asarray(sums, dtype=np.float32)[order], counts[order], inner, rows, penalty[order], tree, intra_distance)
    done = len(order) < 2
    while not done:
        pairs = pairs_below(nodes, threshold)
        tree.roots = _contract(nodes, pairs)[tree.roots]
        done = pairs.max_distance >= threshold
    return tree


def _contract(nodes: LinkageNodes, pairs: NearPairs) -> np.ndarray:
    """Join reciprocal nearest neighbours in rounds until no pair is left, then drop the nodes that went into others.

    Returns
    -------
    ndarray of shape (nodes,), int64
        The position each node has among those that are left.
    """
    m = len(nodes.sums)
    final = np.arange(m)
    a, b, distance = pairs.release()
    while len(a):
        into, gone = _reciprocal(a, b, distance, m)
        target = nodes.join(into, gone)
        final = target[final]
        joined = np.zeros(m, dtype=bool)
        joined[into] = True
        joined[gone] = True
        changed = joined[a] | joined[b]
        moved = np.sort(np.stack([target[a[changed]], target[b[changed]]], axis=1), axis=1)
        moved = _unique_index_pairs(moved[moved[:, 0] != moved[:, 1]], m)
        moved = moved[nodes.constraints.allow(moved[:, 0], moved[:, 1])]
        updated = nodes.distances(moved[:, 0], moved[:, 1])
        near = updated < pairs.max_distance
        a = np.concatenate([a[~changed], moved[near, 0].astype(np.int32)])
        b = np.concatenate([b[~changed], moved[near, 1].astype(np.int32)])
        distance = np.concatenate([distance[~changed], updated[near]])
    remaining = np.zeros(m, dtype=bool)
    remaining[final] = True
    nodes.compress(remaining)
    positions: np.ndarray = (np.cumsum(remaining) - 1)[final]
    return positions


def _unique_index_pairs(pairs: np.ndarray, m: int) -> np.ndarray:
    """The different rows of pairs of indices below ``m``, sorted."""
    keys = np.sort(pairs[:, 0].astype(np.int64) * m + pairs[:, 1])
    # numpy's unique goes by hashing, several times slower here.
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
    return np.stack([keys // m, keys % m], axis=1)


def _reciprocal(a: np.ndarray, b: np.ndarray, distance: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that are nearest to each other, no node twice; among equals the earliest pair in the list."""
    nearest = np.full(m, np.inf, dtype=np.float32)
    np.minimum.at(nearest, a, distance)
    np.minimum.at(nearest, b, distance)
    mutual = np.flatnonzero((distance == nearest[a]) & (distance == nearest[b]))
    mutual = mutual[np.lexsort((b[mutual], a[mutual]))]
    i, j = a[mutual], b[mutual]
    turn = np.arange(len(mutual))
    first = np.full(m, len(mutual))
    np.minimum.at(first, i, turn)
    np.minimum.at(first, j, turn)
    chosen = (first[i] == turn) & (first[j] == turn)
    return i[chosen], j[chosen]
