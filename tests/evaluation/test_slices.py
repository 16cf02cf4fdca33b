"""Error rates by group are those of counting, with intervals by bootstrap."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.evaluation.bootstrap import replicates
from facelib.evaluation.slices import Rate, false_match_rate, false_match_rates, shares, widest_ratio

labels = st.lists(st.sampled_from("abc"), min_size=2, max_size=12)


def closest(n: int, seed: int, part: float = 0.4) -> np.ndarray:
    """Some pairs of n, as if they were near."""
    pairs = np.array(list(itertools.combinations(range(n), 2)))
    return pairs[np.random.default_rng(seed).random(len(pairs)) < part]


@given(labels, st.integers(0, 1000))
def test_rates_are_those_of_counting(names: list[str], seed: int) -> None:
    label, close = np.array(names), closest(len(names), seed)
    drawn = replicates(len(names), seed, 20)
    rates = false_match_rates(close, label, drawn)
    assert set(rates) == set(names)
    near = {tuple(pair) for pair in close.tolist()}
    for name, rate in rates.items():
        mine = [k for k, other in enumerate(names) if other == name]
        pairs = list(itertools.combinations(mine, 2))
        assert rate.units == len(mine) and rate.trials == len(pairs)
        assert rate.errors == sum(pair in near for pair in pairs)
        if pairs:
            assert rate.value == pytest.approx(rate.errors / len(pairs))
    assert false_match_rate(close, drawn).errors == len(close)


@given(st.integers(3, 10), st.integers(0, 1000))
def test_a_replicate_counts_copies_as_other_faces_but_not_with_themselves(n: int, seed: int) -> None:
    close = closest(n, seed)
    drawn = replicates(n, seed, 1)
    copies = np.repeat(np.arange(n), drawn[0].astype(int))
    near = {tuple(pair) for pair in close.tolist()}
    pairs = [(min(a, b), max(a, b)) for a, b in itertools.combinations(copies.tolist(), 2) if a != b]
    rate = false_match_rate(close, drawn)
    if pairs:
        assert rate.low == pytest.approx(sum(pair in near for pair in pairs) / len(pairs), abs=1e-6)
        assert rate.low == pytest.approx(rate.high) if len(close) else np.isnan(rate.high)


def test_the_interval_widens_where_one_face_makes_all_the_matches() -> None:
    n = 60
    hub = np.array([(0, k) for k in range(1, n)])
    spread = closest(n, 1, len(hub) / (n * (n - 1) / 2))
    drawn = replicates(n, 0)
    one, many = false_match_rate(hub, drawn), false_match_rate(spread, drawn)
    assert one.value == pytest.approx(many.value, rel=0.4)
    assert one.high - one.low > 1.5 * (many.high - many.low)


def test_the_widest_ratio_names_both_ends() -> None:
    label = np.repeat(["a", "b", "c"], 40)
    inside = [np.array(list(itertools.combinations(range(40 * k, 40 * k + 40), 2))) for k in range(3)]
    close = np.concatenate([inside[0][::2], inside[1][::20], inside[2][::5]])
    drawn = replicates(len(label), 0)
    rates = false_match_rates(close, label, drawn)
    ratio = widest_ratio(close, label, drawn, rates)
    assert (ratio.highest, ratio.lowest) == ("a", "b")
    assert ratio.value == pytest.approx(10, rel=0.01)
    assert ratio.low < 10 < ratio.high
    nobody = widest_ratio(inside[0], label, drawn, false_match_rates(inside[0], label, drawn))
    assert nobody.value == float("inf")


def test_shares_by_label() -> None:
    wrong = np.array([True, False, False, False, True, True])
    label = np.array(["x", "x", "x", "x", "y", "y"])
    unit = np.array([0, 0, 1, 1, 2, 2])
    rates = shares(wrong, label, unit, replicates(3, 0))
    assert rates["x"].value == 0.25 and rates["x"].trials == 4 and rates["x"].units == 2
    assert rates["x"].low == 0 and rates["x"].high == 0.5
    assert rates["y"] == Rate(1.0, 1.0, 1.0, 2, 2, 1)
    nothing = shares(np.zeros(60, dtype=bool), np.full(60, "x"), np.arange(60), replicates(60, 0))["x"]
    assert (nothing.low, nothing.high) == (0, 0.05)
