"""Bootstrap samples have the right size, and intervals agree with theory."""

from __future__ import annotations

import numpy as np

from facelib.evaluation.bootstrap import interval, replicates


def test_each_replicate_draws_as_many_as_there_are() -> None:
    drawn = replicates(50, seed=3, count=200)
    assert drawn.shape == (200, 50)
    assert (drawn.sum(axis=1) == 50).all()
    assert np.array_equal(drawn, replicates(50, seed=3, count=200))
    assert not np.array_equal(drawn, replicates(50, seed=4, count=200))
    assert replicates(0, seed=0, count=3).shape == (3, 0)


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=400)
    low, high = interval(replicates(400, seed=0) @ values / 400)
    error = values.std() / 20
    assert abs(low - (values.mean() - 1.96 * error)) < 0.3 * error
    assert abs(high - (values.mean() + 1.96 * error)) < 0.3 * error
    assert np.isnan(interval(np.array([np.nan]))).all()
