from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.evaluation.pairs import accuracy, best_cut, tar_at_far

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
