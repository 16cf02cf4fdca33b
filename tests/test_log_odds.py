"""Probabilities of log odds are exact in double precision, keep the type, and never warn."""

from __future__ import annotations

import warnings

import numpy as np

from facelib.log_odds import probability


def test_probabilities() -> None:
    odds = np.linspace(-30, 30, 61)
    assert (probability(odds) == 1 / (1 + np.exp(-odds))).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        far = probability(np.array([-np.inf, -800, -90, 0, 90, 800, np.inf], dtype=np.float32))
    assert far.dtype == np.float32 and far[0] == far[1] < 1e-38 and far[3] == 0.5 and (far[4:] == 1).all()
