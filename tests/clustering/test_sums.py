"""Sums by cluster give the same numbers as the vectors themselves, in whatever parts they are summed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.sums import intra_distances, mean_vectors, merge_sums, sum_by_label
from tests.synthetic import unit


@given(st.integers(0, 10**6), st.integers(0, 40), st.integers(1, 6))
def test_sums_means_and_distances_are_those_of_the_vectors(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, label = unit(rng.normal(size=(n, 8))), rng.integers(0, m, n)
    sums, counts = sum_by_label(vectors, label, m)
    means, within = mean_vectors(sums, counts), intra_distances(sums, counts)
    assert sums.dtype == means.dtype == np.float32 and counts.tolist() == np.bincount(label, minlength=m).tolist()
    for k in range(m):
        own = vectors[label == k]
        assert np.allclose(sums[k], own.sum(axis=0), atol=1e-5)
        assert np.allclose(means[k], own.mean(axis=0) if len(own) else 0, atol=1e-5)
        pairs = 1 - (own @ own.T)[np.triu_indices(len(own), 1)]
        assert np.isclose(within[k], pairs.mean() if len(pairs) else 0, atol=1e-5)


@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 4))
def test_merged_sums_are_those_of_the_merged_clusters(seed: int, parts: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, part, into = unit(rng.normal(size=(30, 8))), rng.integers(0, parts, 30), rng.integers(0, m, parts)
    sums, counts = merge_sums(*sum_by_label(vectors, part, parts), into, m)
    expected, numbers = sum_by_label(vectors, into[part], m)
    assert np.allclose(sums, expected, atol=1e-5) and counts.tolist() == numbers.tolist()
