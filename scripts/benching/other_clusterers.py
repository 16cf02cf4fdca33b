"""Other ways to cluster faces, each at every threshold of a range, to compare the program's own with."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np

Labels = np.ndarray
"""The cluster of each face: ndarray of shape (n,)."""


def average_linkage(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """scikit-learn's agglomerative average linkage; its tree is built once and cut at each height."""
    from scipy.cluster.hierarchy import fcluster
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(n_clusters=None, metric="precomputed", linkage="average", distance_threshold=0, compute_distances=True)
    model.fit(distances)
    sizes = np.ones(2 * len(distances))
    for k, (a, b) in enumerate(model.children_):
        sizes[len(distances) + k] = sizes[a] + sizes[b]
    tree = np.column_stack([model.children_, model.distances_, sizes[len(distances) : len(distances) + len(model.children_)]]).astype(float)
    return [fcluster(tree, cut, "distance") for cut in cuts]


def median_linkage(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """Hierarchical linkage by the median of the pairwise distances, of at most 101 random pairs for large groups.

    The two nearest are joined first, as in average linkage; joins are replayed up to each cut.
    """
    rng = np.random.default_rng(0)
    members = {k: np.array([k]) for k in range(len(distances))}
    between = distances.copy()
    np.fill_diagonal(between, np.inf)
    nearest = between.argmin(axis=1)
    value = between[np.arange(len(between)), nearest]
    joins: list[tuple[float, int, int]] = []
    while True:
        a = int(value.argmin())
        b = int(nearest[a])
        if value[a] >= cuts[-1]:
            break
        joins.append((float(value[a]), a, b))
        members[a] = np.concatenate([members[a], members.pop(b)])
        between[b], between[:, b], value[b] = np.inf, np.inf, np.inf
        for other in members:
            if other != a and np.isfinite(between[a, other]):
                between[a, other] = between[other, a] = _median(distances, members[a], members[other], rng)
        for k in members:
            if k == a or nearest[k] in (a, b) or between[k, a] < value[k]:
                nearest[k] = int(between[k].argmin())
                value[k] = between[k, nearest[k]]
    results = []
    for cut in cuts:
        label = np.arange(len(distances))
        for _, a, b in itertools.takewhile(partial(_below, cut), joins):
            label[label == label[b]] = label[a]
        results.append(label)
    return results


def _below(cut: float, join: tuple[float, int, int]) -> bool:
    return join[0] < cut


def _median(distances: np.ndarray, a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> float:
    if len(a) * len(b) <= 101:
        return float(np.median(distances[np.ix_(a, b)]))
    return float(np.median(distances[rng.choice(a, 101), rng.choice(b, 101)]))


def hdbscan(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """scikit-learn's HDBSCAN, its hierarchy cut at each height; then its own selection of clusters, by excess of mass and by leaves.

    ``cluster_selection_epsilon`` is not used: scikit-learn 1.9 fails on it with NumPy 2. A face that is noise is a cluster of its own.
    """
    from sklearn.cluster import HDBSCAN

    results = []
    for samples in (1, 2, 3):
        model = HDBSCAN(min_cluster_size=2, min_samples=samples, metric="precomputed", copy=True).fit(distances)
        results += [model.dbscan_clustering(float(cut), min_cluster_size=2) for cut in cuts]
    for samples in (1, 2, 3):
        for method in ("eom", "leaf"):
            chosen = HDBSCAN(min_cluster_size=2, min_samples=samples, metric="precomputed", cluster_selection_method=method, copy=True)
            results.append(chosen.fit_predict(distances))
    return results


def dbscan(distances: np.ndarray, cuts: np.ndarray) -> list[Labels]:
    """scikit-learn's DBSCAN with the cut as ``eps``, for several values of ``min_samples``."""
    from sklearn.cluster import DBSCAN

    return [DBSCAN(eps=float(cut), min_samples=k, metric="precomputed").fit_predict(distances) for k in (1, 2, 3) for cut in cuts]


def chinese_whispers(distances: np.ndarray, cuts: np.ndarray, rounds: int = 20) -> list[Labels]:
    """Chinese whispers (Biemann 2006) on the graph of pairs nearer than the cut, weighted by similarity."""
    results = []
    for cut in cuts:
        rng = np.random.default_rng(0)
        label = np.arange(len(distances))
        near = [np.flatnonzero((row < cut) & (np.arange(len(row)) != k)) for k, row in enumerate(distances)]
        for _ in range(rounds):
            before = label.copy()
            for k in rng.permutation(len(label)):
                if len(near[k]):
                    names, index = np.unique(label[near[k]], return_inverse=True)
                    label[k] = names[np.argmax(np.bincount(index, weights=1 - distances[k, near[k]]))]
            if (label == before).all():
                break
        results.append(label)
    return results
