"""Clusters are numbered in the order of their first rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.labels import relabel


@given(st.lists(st.integers(-1, 5), max_size=20))
def test_relabel_numbers_by_first_row(labels: list[int]) -> None:
    found = relabel(np.array(labels, dtype=np.int64))
    first: dict[int, int] = {}
    for label in labels:
        if label >= 0:
            first.setdefault(label, len(first))
    assert found.tolist() == [first.get(label, -1) for label in labels]
