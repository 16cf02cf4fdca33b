"""A dendrogram is cut at the highest joins that hold."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.dendrogram import cut_tree


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
