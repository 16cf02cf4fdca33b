from __future__ import annotations

import numpy as np
import pytest

from facelib.evaluation.confidence import diagram


def test_honest_probabilities_have_a_small_error_and_boasts_a_large_one() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(20_000)
    true = rng.random(20_000) < probability
    honest = diagram(probability, true)
    assert honest.error < 0.02
    assert np.abs(honest.predicted - honest.observed).max() < 0.05
    assert honest.count.sum() == 20_000
    assert diagram(np.sqrt(probability), true).error > 0.1


def test_the_error_is_a_mean_over_cases() -> None:
    found = diagram(np.array([0.0, 0.0, 0.0, 1.0]), np.array([False, False, True, True]), bins=2)
    assert found.error == pytest.approx(0.25)
    assert found.observed.tolist() == pytest.approx([1 / 3, 1.0])
    for bad in ([0.5, 1.2], [0.5], []):
        with pytest.raises(ValueError):
            diagram(np.array(bad), np.ones(2 if bad else 0, dtype=bool))
