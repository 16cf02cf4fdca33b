"""The threshold of a join rises with its effective size and with how varied its parts are, within bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.adaptive_threshold import EXCESS_WEIGHT, MAX_OFFSET, effective_size, threshold_for, threshold_offset
from facelib.clustering.linkage import link
from facelib.clustering.sums import intra_distances
from tests.synthetic import around, unit


def test_looks_go_by_spread_between_one_and_the_count() -> None:
    rng = np.random.default_rng(0)
    centre = unit(rng.normal(size=(1, 64)))
    burst, life = np.repeat(centre, 9, axis=0), around(rng, np.repeat(centre, 9, axis=0), 0.8)
    sums = np.stack([np.zeros(64), centre[0], burst.sum(axis=0), life.sum(axis=0)]).astype(np.float32)
    counts = np.array([0, 1, 9, 9])
    spreads = intra_distances(sums, counts)
    found = effective_size(spreads, counts, 0.2)
    assert found[:2].tolist() == [0, 1] and found[2] == pytest.approx(1, abs=0.01) and found[3] == pytest.approx(9)
    within = 1 - (life @ life.T)[np.triu_indices(9, 1)].mean()
    assert spreads[:2].tolist() == [0, 0] and spreads[3] == pytest.approx(within, abs=1e-5)
    assert effective_size(spreads[3:], counts[3:], 2.0)[0] == pytest.approx(1 + 8 * within / 2, abs=1e-4)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 50), st.integers(1, 50), st.floats(0.1, 0.6))
def test_varied_people_are_allowed_more_and_narrow_ones_less(a: float, b: float, n: int, m: int, usual: float) -> None:
    counts = np.array([[n], [m]])
    spreads = np.where(counts > 1, np.array([[a], [b]]), 0)
    found = float(threshold_offset(spreads, effective_size(spreads, counts, usual), usual)[0])
    assert -EXCESS_WEIGHT * usual <= found <= MAX_OFFSET * usual + 1e-9
    if n == m == 1:
        assert found == 0
    if (spreads[counts > 1] >= usual).all():
        assert found >= 0
    if (spreads[counts > 1] <= usual).all():
        assert found <= 0


def test_a_burst_says_little_of_how_varied_a_person_is() -> None:
    burst, even = (np.array([[width]]) for width in (0.02, 0.12))
    few = np.array([[8]])
    assert -0.02 < threshold_offset(burst, effective_size(burst, few, 0.2), 0.2)[0] < 0
    assert threshold_offset(even, effective_size(even, few, 0.2), 0.2)[0] < threshold_offset(burst, effective_size(burst, few, 0.2), 0.2)[0]


@given(st.floats(0.05, 0.5), st.floats(0, 0.5))
def test_the_cut_rises_from_near_to_far(near: float, more: float) -> None:
    cuts = threshold_for(np.array([0, 2, 3, 5, 20, 1e9]), near, near + more)
    assert (np.diff(cuts) >= 0).all() and cuts[0] == cuts[1] == pytest.approx(near) and cuts[-1] == pytest.approx(near + more, abs=1e-6)


def test_two_alike_strangers_stay_apart_where_two_halves_of_a_life_come_together() -> None:
    rng = np.random.default_rng(1)
    a = unit(rng.normal(size=(1, 128)))
    pair = around(rng, np.repeat(a, 2, axis=0), 0.75)
    many = around(rng, np.repeat(a, 30, axis=0), 0.75)
    assert 1 - pair[0] @ pair[1] > 0.3
    assert link(pair, np.ones(2), 0.5, pair_threshold=0.2, intra_distance=0.3).max() == 1
    assert link(pair, np.ones(2), 0.5).max() == 0
    assert link(many, np.ones(30), 0.5, pair_threshold=0.2, intra_distance=0.3).max() == 0
    assert (link(many, np.ones(30), 0.5, pair_threshold=0.5, intra_distance=0.3) == link(many, np.ones(30), 0.5)).all()
    order = rng.permutation(30)
    labels = link(many, np.ones(30), 0.42, pair_threshold=0.2, intra_distance=0.3)
    moved = link(many[order], np.ones(30), 0.42, pair_threshold=0.2, intra_distance=0.3)
    assert ((labels[order][:, None] == labels[order]) == (moved[:, None] == moved)).all()
