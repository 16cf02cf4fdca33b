"""Verification rates and thresholds are those of counting pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.evaluation.pairs import accuracy, all_pairs, best_cut, close_pairs, pair_distances, tar_at_far, tar_curve

pairs = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=40).filter(lambda p: len({s for _, s in p}) == 2)


@given(pairs, st.floats(0, 1))
def test_no_cut_does_better(made: list[tuple[int, bool]], far: float) -> None:
    distances = np.array([pair[0] for pair in made]) / 10
    same = np.array([pair[1] for pair in made])
    cuts = np.arange(-0.05, 2.2, 0.1)
    assert best_cut(distances, same)[1] == pytest.approx(max(float(((distances < cut) == same).mean()) for cut in cuts))
    tar, cut = tar_at_far(distances, same, far)
    assert (distances[~same] < cut).mean() <= far
    assert tar == pytest.approx((distances[same] < cut).mean())
    assert tar == pytest.approx(max((distances[same] < c).mean() for c in cuts if (distances[~same] < c).mean() <= far))


def test_accuracy_is_that_of_cuts_chosen_elsewhere() -> None:
    rng = np.random.default_rng(0)
    same = np.arange(2000) % 2 == 0
    clear = np.where(same, 0.2, 0.9) + 0.01 * rng.normal(size=2000)
    assert accuracy(clear, same) == 1
    assert accuracy(rng.random(2000), same) == pytest.approx(0.5, abs=0.05)


def test_one_kind_of_pair_is_not_enough() -> None:
    for same in ([True, True], [False, False]):
        with pytest.raises(ValueError):
            best_cut(np.array([0.1, 0.2]), np.array(same))
    with pytest.raises(ValueError):
        tar_at_far(np.array([0.1, 0.2]), np.array([True]), 0.1)


@given(pairs)
def test_a_curve_is_made_of_single_rates(made: list[tuple[int, bool]]) -> None:
    distances, same = np.array([pair[0] for pair in made]) / 10, np.array([pair[1] for pair in made])
    rates = np.array([0.0, 0.1, 0.5, 1.0])
    assert tar_curve(distances, same, rates).tolist() == [tar_at_far(distances, same, rate)[0] for rate in rates]


@given(st.integers(0, 12), st.integers(1, 5), st.floats(0.1, 1.9))
def test_all_pairs_in_one_order(n: int, block: int, cut: float) -> None:
    vectors = np.random.default_rng(n).normal(size=(n, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    first, second = all_pairs(n)
    distances = pair_distances(vectors, block)
    expected = [1 - float(vectors[a] @ vectors[b]) for a, b in zip(first, second)]
    assert distances.tolist() == pytest.approx(expected, abs=1e-6)
    near = (distances < cut) & (np.abs(distances - cut) > 1e-5)
    found = {tuple(pair) for pair in close_pairs(vectors, cut, block).tolist()}
    assert found >= set(zip(first[near].tolist(), second[near].tolist()))
    assert len(found) <= (distances < cut + 1e-5).sum()
