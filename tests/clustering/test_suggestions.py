"""Candidate pairs are near, never two named ones, and come in the order of their gain."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering import suggestions
from facelib.clustering.suggestions import candidate_pairs
from tests.synthetic import unit


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(0, 7), st.floats(0.2, 1.5))
def test_as_by_definition_where_all_are_neighbours(seed: int, m: int, max_distance: float) -> None:
    rng = np.random.default_rng(seed)
    counts, more = rng.integers(0, 5, m), rng.integers(0, 3, m)
    sums = np.stack([unit(rng.normal(size=(n, 4))).sum(axis=0) for n in counts]) if m else np.empty((0, 4))
    sums, faces, named = sums.astype(np.float32), counts + more, rng.random(m) < 0.3
    expected = []
    for i in range(m):
        for j in range(i + 1, m):
            if not counts[i] or not counts[j] or (named[i] and named[j]):
                continue
            distance = 1 - float(sums[i] @ sums[j]) / (counts[i] * counts[j])
            first, second = (j, i) if (named[j], faces[j]) > (named[i], faces[i]) else (i, j)
            if distance < max_distance:
                expected.append((first, second, distance, min(faces[i], faces[j]) * (1 - distance / max_distance)))
    found = candidate_pairs(sums, counts, faces, named, max_distance)
    assert set(zip(found.first.tolist(), found.second.tolist(), strict=True)) == {each[:2] for each in expected}
    assert len(found) == len(expected) and (np.diff(found.gain) <= 1e-6).all()
    by_pair = {each[:2]: each[2:] for each in expected}
    for k in range(len(found)):
        assert np.allclose(by_pair[int(found.first[k]), int(found.second[k])], (found.distance[k], found.gain[k]), atol=1e-5)


def test_each_is_paired_with_its_nearest_only() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(3000, 8)))
    ones = np.ones(len(vectors), dtype=np.int64)
    found = candidate_pairs(vectors, ones, ones, np.zeros(len(vectors), dtype=bool), 2.0)
    assert len(vectors) * suggestions.NEIGHBOURS / 2 <= len(found) <= len(vectors) * suggestions.NEIGHBOURS
    assert (found.first != found.second).all()
    nearest = np.argmax(vectors @ vectors.T - 2 * np.eye(len(vectors)), axis=1)
    pairs = {frozenset(pair) for pair in zip(found.first.tolist(), found.second.tolist(), strict=True)}
    assert all(frozenset((row, int(other))) in pairs for row, other in enumerate(nearest))
