from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.adaptive_threshold import MOST_ALLOWED, WIDTH_WEIGHT, allowance, cut_at, cut_tree, looks, spread
from facelib.clustering.linkage import link
from tests.synthetic import around, unit


def test_looks_go_by_spread_between_one_and_the_count() -> None:
    rng = np.random.default_rng(0)
    centre = unit(rng.normal(size=(1, 64)))
    burst, life = np.repeat(centre, 9, axis=0), around(rng, np.repeat(centre, 9, axis=0), 0.8)
    sums = np.stack([np.zeros(64), centre[0], burst.sum(axis=0), life.sum(axis=0)]).astype(np.float32)
    counts = np.array([0, 1, 9, 9])
    spreads = spread(sums, counts)
    found = looks(spreads, counts, 0.2)
    assert found[:2].tolist() == [0, 1] and found[2] == pytest.approx(1, abs=0.01) and found[3] == pytest.approx(9)
    within = 1 - (life @ life.T)[np.triu_indices(9, 1)].mean()
    assert spreads[:2].tolist() == [0, 0] and spreads[3] == pytest.approx(within, abs=1e-5)
    assert looks(spreads[3:], counts[3:], 2.0)[0] == pytest.approx(1 + 8 * within / 2, abs=1e-4)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 50), st.integers(1, 50), st.floats(0.1, 0.6))
def test_varied_people_are_allowed_more_and_narrow_ones_less(a: float, b: float, n: int, m: int, usual: float) -> None:
    counts = np.array([[n], [m]])
    spreads = np.where(counts > 1, np.array([[a], [b]]), 0)
    found = float(allowance(spreads, looks(spreads, counts, usual), usual)[0])
    assert -WIDTH_WEIGHT * usual <= found <= MOST_ALLOWED * usual + 1e-9
    if n == m == 1:
        assert found == 0
    if (spreads[counts > 1] >= usual).all():
        assert found >= 0
    if (spreads[counts > 1] <= usual).all():
        assert found <= 0


def test_a_burst_says_little_of_how_varied_a_person_is() -> None:
    burst, even = (np.array([[width]]) for width in (0.02, 0.12))
    few = np.array([[8]])
    assert -0.02 < allowance(burst, looks(burst, few, 0.2), 0.2)[0] < 0
    assert allowance(even, looks(even, few, 0.2), 0.2)[0] < allowance(burst, looks(burst, few, 0.2), 0.2)[0]


@given(st.floats(0.05, 0.5), st.floats(0, 0.5))
def test_the_cut_rises_from_near_to_far(near: float, more: float) -> None:
    cuts = cut_at(np.array([0, 2, 3, 5, 20, 1e9]), near, near + more)
    assert (np.diff(cuts) >= 0).all() and cuts[0] == cuts[1] == pytest.approx(near) and cuts[-1] == pytest.approx(near + more, abs=1e-6)


@given(st.integers(0, 10**6), st.integers(1, 12))
def test_the_highest_joins_that_hold_are_kept_with_all_below(seed: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    tops, left, right, members = list(range(m)), [], [], {k: {k} for k in range(m)}
    for k in range(int(rng.integers(0, m))):
        a, b = (tops.pop(int(rng.integers(len(tops)))) for _ in range(2))
        left.append(a)
        right.append(b)
        tops.append(m + k)
        members[m + k] = members[a] | members[b]
    holds = rng.random(len(left)) < 0.5
    found = cut_tree(m, np.array(left, dtype=int), np.array(right, dtype=int), holds)
    kept = [members[m + k] for k in np.flatnonzero(holds).tolist()]
    for leaf in range(m):
        expected = max([{leaf}, *(s for s in kept if leaf in s)], key=len)
        assert set(np.flatnonzero(found == found[leaf]).tolist()) == expected


def test_two_alike_strangers_stay_apart_where_two_halves_of_a_life_come_together() -> None:
    rng = np.random.default_rng(1)
    a = unit(rng.normal(size=(1, 128)))
    pair = around(rng, np.repeat(a, 2, axis=0), 0.75)
    many = around(rng, np.repeat(a, 30, axis=0), 0.75)
    assert 1 - pair[0] @ pair[1] > 0.3
    assert link(pair, np.ones(2), 0.5, near=0.2, usual=0.3).max() == 1
    assert link(pair, np.ones(2), 0.5).max() == 0
    assert link(many, np.ones(30), 0.5, near=0.2, usual=0.3).max() == 0
    assert (link(many, np.ones(30), 0.5, near=0.5, usual=0.3) == link(many, np.ones(30), 0.5)).all()
    order = rng.permutation(30)
    labels = link(many, np.ones(30), 0.42, near=0.2, usual=0.3)
    moved = link(many[order], np.ones(30), 0.42, near=0.2, usual=0.3)
    assert ((labels[order][:, None] == labels[order]) == (moved[:, None] == moved)).all()
