"""Linkage by sums gives the partition of scikit-learn, and of brute force under constraints, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering import near_pairs
from facelib.clustering.constraints import Constraints
from facelib.clustering.linkage import link
from tests.synthetic import around, unit


def people(seed: int, n: int, k: int, spread: float = 1.0, dimension: int = 16) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(k, dimension)))
    return around(rng, centres[rng.integers(0, k, n)], spread)


def partition(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def brute_force(x: np.ndarray, cut: float, constraints: Constraints) -> np.ndarray:
    """The nearest allowed two clusters are joined, one pair at a time, distances from the definition."""
    label = np.arange(len(x))
    distances = 1 - x.astype(np.float64) @ x.T.astype(np.float64)
    apart = {tuple(sorted(pair)) for pair in constraints.cannot_link.tolist()}
    rejected = set(map(tuple, constraints.rejected.tolist()))

    def allowed(a: np.ndarray, b: np.ndarray) -> bool:
        persons = {int(p) for p in constraints.person[np.concatenate([a, b])] if p >= 0}
        if len(persons) > 1 or any(tuple(sorted((int(i), int(j)))) in apart for i in a for j in b):
            return False
        return not any((int(i), person) in rejected for i in np.concatenate([a, b]) for person in persons)

    while True:
        clusters = [np.flatnonzero(label == k) for k in np.unique(label)]
        offers = [
            (distances[np.ix_(a, b)].mean(), int(a[0]), int(b[0]))
            for n, a in enumerate(clusters)
            for b in clusters[n + 1 :]
            if allowed(a, b)
        ]
        best = min(offers, default=(np.inf, 0, 0))
        if best[0] >= cut:
            return label
        label[label == label[best[2]]] = label[best[1]]


def random_constraints(rng: np.random.Generator, n: int) -> Constraints:
    person = np.where(rng.random(n) < 0.3, rng.integers(0, 3, n), -1)
    apart = rng.integers(0, n, (n // 2, 2))
    apart = np.sort(apart[apart[:, 0] != apart[:, 1]], axis=1)
    rejected = np.stack([rng.integers(0, n, n // 3), rng.integers(0, 3, n // 3)], axis=1)
    return Constraints(person, apart, rejected[person[rejected[:, 0]] != rejected[:, 1]])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(1, 8), st.floats(0.1, 1.1))
def test_same_partition_as_scikit_learn(seed: int, n: int, k: int, cut: float) -> None:
    from sklearn.cluster import AgglomerativeClustering

    x = people(seed, n, k)
    reference = AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average", distance_threshold=cut).fit_predict(x)
    before = x.copy()
    assert partition(link(x, np.ones(n), cut)) == partition(reference)
    assert (x == before).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 24), st.integers(1, 4), st.floats(0.2, 1.1))
def test_same_partition_as_brute_force_under_constraints(seed: int, n: int, k: int, cut: float) -> None:
    x = people(seed, n, k)
    constraints = random_constraints(np.random.default_rng(seed), n)
    assert partition(link(x, np.ones(n), cut, constraints)) == partition(brute_force(x, cut, constraints))


@pytest.mark.parametrize("budget", [1, 30])
def test_a_small_budget_of_pairs_changes_nothing(monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    x = people(3, 700, 12, spread=0.9, dimension=32)
    whole = link(x, np.ones(len(x)), 0.75)
    monkeypatch.setattr(near_pairs, "PAIRS_PER_NODE", budget)
    monkeypatch.setattr(near_pairs, "MIN_PAIRS", 10)
    monkeypatch.setattr(near_pairs, "ROWS", 64)
    monkeypatch.setattr(near_pairs, "COLUMNS", 100)
    assert 1 < whole.max() < 60
    assert partition(link(x, np.ones(len(x)), 0.75)) == partition(whole)


def test_equal_vectors_and_nodes_without_a_vector() -> None:
    x = np.repeat(unit(np.eye(3)), 5, axis=0)
    assert partition(link(x, np.ones(15), 0.3)) == {frozenset(range(k, k + 5)) for k in (0, 5, 10)}
    counts = np.ones(15)
    counts[2] = 0
    assert frozenset([2]) in partition(link(x, counts, 0.3))
    assert len(link(np.empty((0, 8)), np.empty(0), 0.5)) == 0


def test_permuting_only_permutes_and_more_precision_changes_nothing() -> None:
    x = people(5, 300, 10)
    order = np.random.default_rng(0).permutation(len(x))
    labels = link(x, np.ones(len(x)), 0.7)
    moved = np.empty(len(x), dtype=np.int64)
    moved[order] = link(x[order], np.ones(len(x)), 0.7)
    assert partition(moved) == partition(labels)
    assert partition(link(x.astype(np.float64), np.ones(len(x)), 0.7)) == partition(labels)


def test_going_on_with_new_nodes_equals_starting_over_when_the_old_are_settled() -> None:
    x = people(8, 240, 6, spread=0.6)
    old = link(x[:200], np.ones(200), 0.5)
    m = int(old.max()) + 1
    sums = np.concatenate([[x[:200][old == k].sum(axis=0) for k in range(m)], x[200:]])
    counts = np.concatenate([np.bincount(old), np.ones(40, dtype=np.int64)])
    touched = np.arange(len(sums)) >= m
    joined = link(sums, counts, 0.5, touched=touched)
    rows = np.concatenate([joined[:m][old], joined[m:]])
    assert partition(rows) == partition(link(x, np.ones(240), 0.5))
    assert partition(link(sums, counts, 0.5, touched=np.zeros(len(sums), dtype=bool))) == {frozenset([k]) for k in range(len(sums))}
