"""Pass 2, across moments: average linkage by sum vectors, exact, in memory that grows with the nodes and not with their pairs.

With unit vectors the mean pairwise cosine distance of groups A and B is ``1 - S_A . S_B / (|A| |B|)``, S the sums of their
vectors. Average linkage is reducible (joining never brings two groups nearer than the nearer part was), also with pairs that
may not be joined counted as infinitely far. Two things follow (Bruynooghe 1977; Murtagh 1983):

* reciprocal nearest neighbours can be joined in any order, so all of them are joined at once, in rounds;
* groups are nearer than a cut only if some of their parts are, so the pairs of nodes below the cut, found once by blocked
  matrix products, are all that ever has to be looked at. Where they are too many to keep, a lower cut comes first: its
  result is the tree cut lower, on which the next, smaller, search goes on.

The tree can then be cut by evidence instead of at one height, see :mod:`facelib.clustering.adaptive_threshold`.
"""

from __future__ import annotations

import numpy as np

from facelib.clustering.adaptive_threshold import MOST_ALLOWED, allowance, cut_at, cut_tree, looks, spread
from facelib.clustering.constraints import Constraints

PAIRS_PER_NODE = 40
LEAST_PAIRS = 500_000
ROWS, COLUMNS = 512, 2048
"""A block of the matrix product; it stays in the cache of one core while it is searched."""
CHUNK = 16384


def link(
    sums: np.ndarray,
    counts: np.ndarray,
    cut: float,
    constraints: Constraints | None = None,
    touched: np.ndarray | None = None,
    near: float | None = None,
    usual: float = 1.0,
    penalty: np.ndarray | None = None,
) -> np.ndarray:
    """Join nodes by average linkage while the mean distance is below ``cut``.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each node.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds; a node of 0 stays alone.
    cut : float
        Cosine distance; nodes at or beyond it stay apart.
    constraints : Constraints, optional
        Pairs never joined, carried through all joins.
    touched : ndarray of shape (m,), bool, optional
        Only pairs with a touched node are looked for, at a cost of touched times all; the others are taken to be farther
        apart than the cut, as an earlier call with the same cut has left them. None: all pairs.
    near : float, optional
        Cut for a join of two single looks; the more looks it is of, the nearer to ``cut`` it may be, and a little beyond for
        varied people. Of the tree of average linkage, the highest joins are kept that hold so. None: ``cut`` for all.
    usual : float
        See :func:`facelib.clustering.adaptive_threshold.looks` and ``allowance``; read only with ``near``.
    penalty : ndarray of shape (m,), float32, optional
        What is added to the distance of each node to any other, half of it from either, see :mod:`facelib.clustering.cohort_normalization`.
        The linkage is that of the vectors' pairs with these distances.

    Returns
    -------
    ndarray of shape (m,), int64
        Clusters 0.. in the order of their first nodes.
    """
    if near is None:
        return grow(sums, counts, cut, constraints, touched, penalty=penalty).whole()
    return grow(sums, counts, cut + MOST_ALLOWED * usual, constraints, touched, usual, penalty).cut(near, cut)


def grow(
    sums: np.ndarray,
    counts: np.ndarray,
    top: float,
    constraints: Constraints | None = None,
    touched: np.ndarray | None = None,
    usual: float | None = None,
    penalty: np.ndarray | None = None,
) -> Tree:
    """The tree of average linkage below the distance ``top``, to be cut later; arguments as of :func:`link`.

    Without ``usual`` what the joins stand on is not noted, and the tree can only be taken whole.
    """
    m = len(sums)
    if len(counts) != m:
        raise ValueError(f"{m} sums and {len(counts)} counts")
    constraints = constraints or Constraints.none(m)
    counts = np.asarray(counts, dtype=np.int64)
    fresh = np.ones(m, dtype=bool) if touched is None else np.asarray(touched, dtype=bool)
    # Touched nodes come first, so that the rows of the search are one stretch.
    order = np.flatnonzero(counts > 0)
    order = order[np.argsort(~fresh[order], kind="stable")]
    place = np.full(m, -1)
    place[order] = np.arange(len(order))
    tree = Tree(m, order, usual)
    nodes = _Nodes(
        np.asarray(sums, dtype=np.float32)[order],
        counts[order],
        _restricted(constraints, order, place),
        int(fresh[order].sum()),
        (np.zeros(m, dtype=np.float32) if penalty is None else np.asarray(penalty, dtype=np.float32))[order] / 2,
        tree,
    )
    done = len(order) < 2
    while not done:
        pairs = _pairs_below(nodes, top)
        tree.where = _contract(nodes, pairs)[tree.where]
        done = pairs.cut >= top
    return tree


class _Nodes:
    """The nodes at one time of the linkage; the first ``rows`` are the touched ones."""

    def __init__(self, sums: np.ndarray, counts: np.ndarray, constraints: Constraints, rows: int, penalty: np.ndarray, tree: Tree) -> None:
        self.sums, self.counts, self.constraints, self.rows, self.tree = sums, counts, constraints, rows, tree
        # Half the penalty, the mean over the vectors of a node.
        self.penalty = penalty
        self.names = np.arange(len(sums))

    def distances(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Mean distances of the pairs (a, b)."""
        result = np.empty(len(a), dtype=np.float32)
        for start in range(0, len(a), CHUNK):
            i, j = a[start : start + CHUNK], b[start : start + CHUNK]
            products = np.einsum("ij,ij->i", self.sums[i], self.sums[j])
            result[start : start + CHUNK] = 1 - products / (self.counts[i] * self.counts[j]) + self.penalty[i] + self.penalty[j]
        return result

    def join(self, into: np.ndarray, gone: np.ndarray) -> np.ndarray:
        """Join node ``gone[k]`` into ``into[k]``, all different; the map from old to new places."""
        if self.tree.usual is not None:
            self.names[into] = self.tree.add(self, into, gone, self.tree.usual)
        total = self.counts[into] * self.penalty[into] + self.counts[gone] * self.penalty[gone]
        self.penalty[into] = total / (self.counts[into] + self.counts[gone])
        self.sums[into] += self.sums[gone]
        self.counts[into] += self.counts[gone]
        target = np.arange(len(self.sums))
        target[gone] = into
        self.constraints = self.constraints.joined(target, len(target))
        return target

    def compress(self, kept: np.ndarray) -> None:
        """Keep only the nodes where ``kept``."""
        place = np.cumsum(kept) - 1
        self.sums, self.counts, self.names = self.sums[kept], self.counts[kept], self.names[kept]
        self.penalty = self.penalty[kept]
        self.rows = int(kept[: self.rows].sum())
        self.constraints = _restricted(self.constraints, np.flatnonzero(kept), np.where(kept, place, -1))


class Tree:
    """The joins of the linkage in their order, and what each stands on.

    Attributes
    ----------
    where : ndarray of shape (leaves,), int64
        For each leaf, a node with vectors, the cluster that all joins together make.
    """

    def __init__(self, m: int, order: np.ndarray, usual: float | None) -> None:
        self.m, self.order, self.usual = m, order, usual
        self.where = np.arange(len(order))
        self.next = len(order)
        self.joins: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, nodes: _Nodes, into: np.ndarray, gone: np.ndarray, usual: float) -> np.ndarray:
        """Note joins, before they are made; the names of what they make."""
        counts = np.stack([nodes.counts[into], nodes.counts[gone]])
        spreads = np.stack([spread(nodes.sums[part], nodes.counts[part]) for part in (into, gone)])
        seen = looks(spreads, counts, usual)
        distance = nodes.distances(into, gone) - allowance(spreads, seen, usual)
        self.joins.append((nodes.names[into], nodes.names[gone], seen.sum(axis=0), distance))
        self.next += len(into)
        return np.arange(self.next - len(into), self.next)

    def cut(self, near: float, far: float) -> np.ndarray:
        """Labels of the nodes, the tree cut by evidence: see :func:`link`."""
        if not self.joins:
            return self._labels(np.arange(len(self.order)))
        left, right, seen, distance = (np.concatenate(part) for part in zip(*self.joins, strict=True))
        return self._labels(cut_tree(len(self.order), left, right, distance < cut_at(seen, near, far)))

    def whole(self) -> np.ndarray:
        """Labels of the nodes with all joins made."""
        return self._labels(self.where)

    def _labels(self, where: np.ndarray) -> np.ndarray:
        where = np.unique(where, return_inverse=True)[1]
        representative = np.full(self.m, self.m)
        np.minimum.at(representative, where, self.order)
        label = np.arange(self.m)
        label[self.order] = representative[where]
        return np.unique(label, return_inverse=True)[1].astype(np.int64)


def _restricted(constraints: Constraints, order: np.ndarray, place: np.ndarray) -> Constraints:
    apart = np.sort(place[constraints.apart], axis=1)
    apart = apart[(apart[:, :1] >= 0).all(axis=1)] if len(apart) else apart
    rejected = np.stack([place[constraints.rejected[:, 0]], constraints.rejected[:, 1]], axis=1)
    return Constraints(constraints.person[order], apart, rejected[rejected[:, 0] >= 0]).joined(np.arange(len(order)), len(order))


class _Pairs:
    """The pairs of nodes below a cut, which falls whenever they become twice as many as may be kept."""

    def __init__(self, most: int, cut: float) -> None:
        self.most, self.cut, self.held = most, cut, 0
        self.a, self.b = np.empty(2 * most, dtype=np.int32), np.empty(2 * most, dtype=np.int32)
        self.distance = np.empty(2 * most, dtype=np.float32)

    def add(self, a: np.ndarray, b: np.ndarray, distance: np.ndarray) -> None:
        """Take in pairs below the cut."""
        while self.held + len(a) > len(self.a):
            if not self.lower() or self.held + len(a) > len(self.a):
                self.widen(self.held + len(a))
            good = distance < self.cut
            a, b, distance = a[good], b[good], distance[good]
        end = self.held + len(a)
        self.a[self.held : end], self.b[self.held : end], self.distance[self.held : end] = a, b, distance
        self.held = end

    def lower(self) -> bool:
        """Keep the nearest only; False where equal distances, which no cut can tell apart, leave none to let go."""
        if self.held <= self.most:
            return False
        held = self.distance[: self.held]
        cut = float(np.partition(held, self.most)[self.most])
        good = np.flatnonzero(held < cut)
        if not len(good):
            return False
        self.held, self.cut = len(good), cut
        for column in (self.a, self.b, self.distance):
            column[: len(good)] = column[good]
        return True

    def widen(self, least: int) -> None:
        """Make room for at least so many."""
        more = max(least, 2 * len(self.a)) - len(self.a)
        self.a, self.b, self.distance = (np.concatenate([c, np.empty(more, dtype=c.dtype)]) for c in (self.a, self.b, self.distance))

    def give(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is held, which is not held here any longer: at a million nodes it is a gigabyte."""
        given = self.a[: self.held], self.b[: self.held], self.distance[: self.held]
        self.a, self.b, self.distance, self.held = self.a[:0].copy(), self.b[:0].copy(), self.distance[:0].copy(), 0
        return given


def _pairs_below(nodes: _Nodes, cut: float) -> _Pairs:
    """All allowed pairs below the cut, or below a lower one at which there are few enough to keep."""
    means = nodes.sums / nodes.counts[:, None].astype(np.float32)
    m = len(means)
    slack = 2 * max(0.0, -float(nodes.penalty.min(initial=0)))
    kept = _Pairs(max(PAIRS_PER_NODE * m, LEAST_PAIRS), cut)
    buffer = np.empty(ROWS * COLUMNS, dtype=np.float32)
    for top in range(0, nodes.rows, ROWS):
        rows = means[top : min(top + ROWS, nodes.rows)]
        for left in range(top, m, COLUMNS):
            columns = means[left : left + COLUMNS]
            block = buffer[: len(rows) * len(columns)].reshape(len(rows), len(columns))
            np.matmul(rows, columns.T, out=block)
            hits = np.flatnonzero(block.ravel() > np.float32(1 - kept.cut - slack))
            if not len(hits):
                continue
            a, b = hits // len(columns) + top, hits % len(columns) + left
            distance = 1 - block.ravel()[hits] + nodes.penalty[a] + nodes.penalty[b]
            good = (a < b) & (distance < kept.cut)
            good &= nodes.constraints.allow(a, b)
            kept.add(a[good], b[good], distance[good])
    return kept


def _contract(nodes: _Nodes, pairs: _Pairs) -> np.ndarray:
    """Join reciprocal nearest neighbours in rounds until no pair below the cut is left; compresses the nodes.

    Returns
    -------
    ndarray of shape (nodes,), int64
        Where each node has gone among those that are left.
    """
    m = len(nodes.sums)
    final = np.arange(m)
    a, b, distance = pairs.give()
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
        anew = nodes.distances(moved[:, 0], moved[:, 1])
        near = anew < pairs.cut
        a = np.concatenate([a[~changed], moved[near, 0].astype(np.int32)])
        b = np.concatenate([b[~changed], moved[near, 1].astype(np.int32)])
        distance = np.concatenate([distance[~changed], anew[near]])
    kept = np.zeros(m, dtype=bool)
    kept[final] = True
    nodes.compress(kept)
    places: np.ndarray = (np.cumsum(kept) - 1)[final]
    return places


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
