"""B-cubed and pairwise scores are their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.evaluation.groups import Score, b_cubed, pairwise

labels = st.lists(st.tuples(st.integers(-1, 4), st.integers(0, 4)), min_size=1, max_size=25)


@given(labels)
def test_both_are_their_definitions(items: list[tuple[int, int]]) -> None:
    clusters = np.array([item[0] for item in items])
    truth = np.array([item[1] for item in items])
    alone = np.where(clusters < 0, 100 + np.arange(len(items)), clusters)
    together, same = alone[:, None] == alone[None], truth[:, None] == truth[None]
    both = (together & same).sum(axis=1)
    score = b_cubed(clusters, truth)
    assert score.precision == pytest.approx((both / together.sum(axis=1)).mean())
    assert score.recall == pytest.approx((both / same.sum(axis=1)).mean())
    upper = np.triu(np.ones_like(same), 1).astype(bool)
    right, found, true = ((kind & upper).sum() for kind in (together & same, together, same))
    assert pairwise(clusters, truth) == Score(right / found if found else 1.0, right / true if true else 1.0)


def test_known_values() -> None:
    truth = np.array(["a", "a", "b", "b"])
    assert b_cubed(np.array([0, 0, 1, 1]), truth) == Score(1.0, 1.0)
    assert b_cubed(np.zeros(4, dtype=int), truth) == Score(0.5, 1.0)
    assert b_cubed(np.arange(4), truth).f == pytest.approx(2 / 3)
    assert pairwise(np.arange(4), truth) == Score(1.0, 0.0) and pairwise(np.arange(4), truth).f == 0
    assert b_cubed(np.empty(0, dtype=int), np.empty(0)) == Score(1.0, 1.0)
    with pytest.raises(ValueError):
        b_cubed(np.zeros(3), np.zeros(2))
