"""Copies of a picture are recognised, and one of each group is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.evaluation.duplicates import thumbnails, without_repeats


def test_a_copy_in_other_light_correlates_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    blocks = rng.integers(40, 200, (3, 16, 16, 3), dtype=np.uint8)
    pictures = np.kron(blocks, np.ones((1, 4, 4, 1), dtype=np.uint8))
    darker = (0.6 * pictures[:1] + rng.normal(0, 4, pictures[:1].shape)).clip(0, 255).astype(np.uint8)
    rows = thumbnails(np.concatenate([pictures, darker]), 16)
    alike = rows @ rows.T
    assert alike[0, 3] > 0.97
    assert np.abs(alike[0, 1:3]).max() < 0.5
    assert not thumbnails(np.full((1, 64, 64, 3), 9, dtype=np.uint8)).any()
    with pytest.raises(ValueError):
        thumbnails(np.zeros((1, 50, 50, 3), dtype=np.uint8), 32)


@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=12))
def test_no_pair_is_left_whole_and_every_group_keeps_one(n: int, drawn: list[tuple[int, int]]) -> None:
    pairs = np.array([pair for pair in drawn if max(pair) < n and pair[0] != pair[1]], dtype=np.int64).reshape(-1, 2)
    keep = without_repeats(n, pairs)
    assert not (keep[pairs[:, 0]] & keep[pairs[:, 1]]).any()
    assert keep[0]
    alone = np.setdiff1d(np.arange(n), pairs)
    assert keep[alone].all()
    reached = np.flatnonzero(keep).tolist()
    for _ in range(n):
        reached += [b for a, b in np.concatenate([pairs, pairs[:, ::-1]]).tolist() if a in reached]
    assert set(reached) == set(range(n))
