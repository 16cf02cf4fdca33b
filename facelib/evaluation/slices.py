"""Error rates of groups of people at one threshold for all: for whom a model errs more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from facelib.evaluation.bootstrap import interval


@dataclass(frozen=True)
class Rate:
    """An error rate, its 95 % interval, and what it was counted on: ``errors`` among ``trials``, of ``units`` faces or people.

    Where nothing went wrong the bootstrap knows no upper end: it is NaN for pairs, and 3 / units for single trials (the
    rule of three: Hanley and Lippman-Hand 1983).
    """

    value: float
    low: float
    high: float
    errors: int
    trials: int
    units: int


@dataclass(frozen=True)
class Ratio:
    """The rate of the slice with the highest against that with the lowest; infinite where the lowest is 0."""

    value: float
    low: float
    high: float
    highest: str
    lowest: str


def false_match_rates(close: np.ndarray, label: np.ndarray, drawn: np.ndarray) -> dict[str, Rate]:
    """For each label the part of the pairs of different people within it that are closer than the threshold.

    Parameters
    ----------
    close : ndarray of shape (p, 2), int64
        The pairs closer than the threshold, first < second; all faces are of different people.
    label : ndarray of shape (n,), str
        What each face is.
    drawn : ndarray of shape (b, n), float32
        Bootstrap samples of the faces, by :func:`facelib.evaluation.bootstrap.replicates`.
    """
    rates = {}
    inside = label[close[:, 0]] == label[close[:, 1]] if len(close) else np.zeros(0, dtype=bool)
    for name in np.unique(label).tolist():
        mine = label == name
        pairs = close[inside & mine[close[:, 0]]] if len(close) else close
        rates[name] = _rate(pairs, mine, drawn)
    return rates


def false_match_rate(close: np.ndarray, drawn: np.ndarray) -> Rate:
    """The same over all pairs of all faces."""
    return _rate(close, np.ones(drawn.shape[1], dtype=bool), drawn)


def _rate(pairs: np.ndarray, mine: np.ndarray, drawn: np.ndarray) -> Rate:
    n = int(mine.sum())
    trials = n * (n - 1) // 2
    low, high = interval(_drawn_rates(pairs, mine, drawn)) if len(pairs) else (0.0, float("nan"))
    return Rate(len(pairs) / trials if trials else float("nan"), low, high, len(pairs), trials, n)


def _drawn_rates(pairs: np.ndarray, mine: np.ndarray, drawn: np.ndarray, block: int = 50) -> np.ndarray:
    """The rate in each bootstrap sample; a face drawn twice makes no pair with itself."""
    rates = np.full(len(drawn), np.nan)
    for start in range(0, len(drawn), block):
        samples = drawn[start : start + block]
        errors = (samples[:, pairs[:, 0]] * samples[:, pairs[:, 1]]).sum(axis=1, dtype=np.float64)
        weights = samples[:, mine].astype(np.float64)
        trials = (weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)) / 2
        rates[start : start + block] = np.divide(errors, trials, out=np.full(len(samples), np.nan), where=trials > 0)
    return rates


def widest_ratio(close: np.ndarray, label: np.ndarray, drawn: np.ndarray, rates: Mapping[str, Rate]) -> Ratio:
    """The widest ratio between two labels' false match rates, with its interval for these two labels.

    The two labels are chosen because their ratio is the widest, so the ratio is biased upwards; with many faces only slightly.
    """
    known = {name: rate for name, rate in rates.items() if rate.trials}
    highest = max(known, key=lambda name: known[name].value)
    lowest = min(known, key=lambda name: known[name].value)
    both = []
    for name in (highest, lowest):
        mine = label == name
        both.append(_drawn_rates(close[mine[close[:, 0]] & mine[close[:, 1]]], mine, drawn))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = interval(both[0] / both[1])
    value = known[highest].value / known[lowest].value if known[lowest].value else float("inf")
    return Ratio(value, low, high, highest, lowest)


def shares(wrong: np.ndarray, label: np.ndarray, unit: np.ndarray, drawn: np.ndarray) -> dict[str, Rate]:
    """For each label the part of its trials that went wrong: a miss of a detector, or a pair of one person that is not matched.

    Parameters
    ----------
    wrong : ndarray of shape (t,), bool
    label : ndarray of shape (t,), str
    unit : ndarray of shape (t,), int64
        The face or person each trial is of: what the bootstrap draws.
    drawn : ndarray of shape (b, units), float32
    """
    rates = {}
    for name in np.unique(label).tolist():
        mine = label == name
        errors = np.bincount(unit[mine], weights=wrong[mine], minlength=drawn.shape[1])
        trials = np.bincount(unit[mine], minlength=drawn.shape[1]).astype(np.float64)
        tried = drawn @ trials
        low, high = interval(np.divide(drawn @ errors, tried, out=np.full(len(drawn), np.nan), where=tried > 0))
        count, units = int(mine.sum()), len(np.unique(unit[mine]))
        if not wrong[mine].any():
            high = min(3 / units, 1.0)
        rates[name] = Rate(float(wrong[mine].mean()), low, high, int(wrong[mine].sum()), count, units)
    return rates
