"""Clusters keep their ids for life, named ones first; no id is used twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.stable_ids import keep_ids

rows = st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 6)), max_size=30)


@given(rows, st.sets(st.integers(0, 6)))
def test_ids_are_kept_by_mutual_majority_and_never_used_twice(made: list[tuple[int, int]], named: set[int]) -> None:
    old = np.array([row[0] for row in made], dtype=np.int64)
    new = np.array([row[1] for row in made], dtype=np.int64)
    ids, next_id = keep_ids(old, new, 7, np.array(sorted(named), dtype=np.int64))
    assert ((ids < 0) == (new < 0)).all()
    for label in np.unique(new[new >= 0]):
        assert len(np.unique(ids[new == label])) == 1
    assert len(np.unique(ids[ids >= 0])) == len(np.unique(new[new >= 0]))
    assert next_id == 7 + len(np.unique(ids[ids >= 7]))
    both = (old >= 0) & (new >= 0)
    for old_id in np.unique(old[both]):
        spots = new[both & (old == old_id)]
        for label in np.unique(spots):
            overlap = int((spots == label).sum())
            mutual = 2 * overlap > len(spots) and 2 * overlap > int((both & (new == label)).sum())
            rivals = set(old[both & (new == label)].tolist()) & named
            if mutual and not (rivals - {int(old_id)}):
                assert ids[new == label][0] == old_id
            if old_id in named and 2 * overlap > len(spots) and rivals == {int(old_id)}:
                assert ids[new == label][0] == old_id, "a named id was lost"


def test_the_same_run_again_changes_nothing() -> None:
    old = np.array([4, 4, 9, -1, 2])
    ids, next_id = keep_ids(old, np.array([0, 0, 1, -1, 2]), 10)
    assert ids.tolist() == old.tolist() and next_id == 10


def test_a_half_is_not_enough_and_new_rows_do_not_count() -> None:
    assert keep_ids(np.array([3, 3]), np.array([0, 1]), 4)[0].tolist() == [4, 5]
    assert keep_ids(np.array([3, -1, -1, -1]), np.array([0, 0, 0, 0]), 4)[0].tolist() == [3, 3, 3, 3]


def test_a_named_cluster_keeps_its_id_though_a_larger_one_joins_it() -> None:
    old, new = np.array([1, 2, 2, 2]), np.zeros(4, dtype=np.int64)
    assert keep_ids(old, new, 3)[0][0] == 2
    assert keep_ids(old, new, 3, np.array([1]))[0][0] == 1


def test_a_used_id_is_refused() -> None:
    with pytest.raises(ValueError):
        keep_ids(np.array([5]), np.array([0]), 5)
