"""Confidence intervals by the bootstrap (Efron 1979) over faces or people."""

from __future__ import annotations

import numpy as np

REPLICATES = 1000


def replicates(n: int, seed: int, count: int = REPLICATES) -> np.ndarray:
    """How often each of ``n`` units is drawn in each of ``count`` samples with replacement: ndarray of shape (count, n), float32.

    For a figure over pairs, faces are drawn and not pairs, because pairs that share a face are not independent.
    """
    rng = np.random.default_rng(seed)
    drawn = np.zeros((count, n), dtype=np.float32)
    for row in drawn:
        row[:] = np.bincount(rng.integers(0, n, n), minlength=n) if n else row
    return drawn


def interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of a figure's values in the replicates; those that are NaN are left out.

    Returns
    -------
    low, high : float
        NaN if no replicate gave a number.
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
