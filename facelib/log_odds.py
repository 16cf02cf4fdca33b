"""Log odds, which networks and logistic regressions give, and probabilities."""

from __future__ import annotations

import numpy as np


def probability(log_odds: np.ndarray) -> np.ndarray:
    """The probability that log odds stand for: the logistic function (sigmoid) ``1 / (1 + exp(-x))``.

    Parameters
    ----------
    log_odds : ndarray of floats, any shape
        Natural logarithm of the odds; infinity is allowed.

    Returns
    -------
    ndarray of the same shape and type, 0..1

    Examples
    --------
    >>> probability(np.array([-np.inf, 0.0, 700.0])).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    # Where exp overflows single precision, the quotient is 0, which is right.
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -500, 500))))
