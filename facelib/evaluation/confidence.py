"""Whether a probability means what it says: the reliability diagram and the expected calibration error (Naeini et al. 2015)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Diagram:
    """Predictions in bins, for a reliability diagram.

    Attributes
    ----------
    predicted, observed : ndarray of shape (k,), float64
        Mean probability, and part of the cases that came true, of each bin that holds a case.
    count : ndarray of shape (k,), int64
    error : float
        Expected calibration error: mean difference of both over all cases, 0..1.
    """

    predicted: np.ndarray
    observed: np.ndarray
    count: np.ndarray
    error: float


def diagram(probability: np.ndarray, true: np.ndarray, bins: int = 10) -> Diagram:
    """Sort predictions into bins of equal width.

    Parameters
    ----------
    probability : ndarray of shape (n,), 0..1
    true : ndarray of shape (n,), bool
        Whether it came true.

    Raises
    ------
    ValueError
        If the shapes differ, nothing is given, or a probability is outside 0..1.
    """
    probability, true = np.asarray(probability, dtype=np.float64), np.asarray(true, dtype=bool)
    if probability.ndim != 1 or probability.shape != true.shape or not len(true):
        raise ValueError(f"probabilities {probability.shape} and outcomes {true.shape} must be two lists of one length")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("a probability is outside 0..1")
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    held = count > 0
    predicted = np.bincount(place, weights=probability, minlength=bins)[held] / count[held]
    observed = np.bincount(place, weights=true, minlength=bins)[held] / count[held]
    error = float((count[held] * np.abs(predicted - observed)).sum() / len(true))
    return Diagram(predicted, observed, count[held], error)
