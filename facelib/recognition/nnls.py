"""Small non-negative quadratic programmes, many at once, solved exactly by exchanging the variables in use."""

from __future__ import annotations

import numpy as np

RIDGE = 1e-6
"""Added to the diagonal, so that equal exemplars share their part instead of making a system singular."""
BROKEN = 2e-6
ENTERING = 8
PATIENCE = 3
MOST_EXCHANGES = 30


def solve(square: np.ndarray, target: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Minimise ``1/2 x' G x - t' x`` over ``x >= 0``.

    Block principal pivoting (Portugal, Judice, Vicente 1994) with the rule of Kim and Park (2011) against going round in
    circles: while the number of broken conditions has not fallen for a few exchanges, only the last broken one is exchanged.
    Rows that go on all the same are solved one variable at a time (:func:`solve_one`). As few variables are in use in the
    end, only the most wanted few enter at once.

    Parameters
    ----------
    square : ndarray of shape (n, k, k), float64
        G of each row, positive semi-definite.
    target : ndarray of shape (n, k), float64
    start : ndarray of shape (n, k)
        Variables above 0 are in use at first.

    Returns
    -------
    ndarray of shape (n, k), float64, >= 0
    """
    n, k = target.shape
    result = np.zeros((n, k))
    support = start > 0
    cold = ~support.any(axis=1)
    support[cold, np.argmax(target[cold], axis=1)] = True
    rows = np.arange(n)
    least, patience = np.full(n, k + 1), np.full(n, PATIENCE)
    for _ in range(MOST_EXCHANGES):
        values, slack = _stationary(square, target, support)
        leaving, wanting = support & (values < 0), ~support & (slack > BROKEN)
        count = leaving.sum(axis=1) + wanting.sum(axis=1)
        left = count > 0
        result[rows[~left]] = values[~left]
        if not left.any():
            return result
        if not left.all():
            rows, square, target, support, slack = rows[left], square[left], target[left], support[left], slack[left]
            leaving, wanting, count, least, patience = leaving[left], wanting[left], count[left], least[left], patience[left]
        fewer = count < least
        patience = np.where(fewer, PATIENCE, patience - 1)
        least = np.minimum(least, count)
        support = support ^ _exchanged(leaving, wanting, slack, patience < 0)
    for place, row in enumerate(rows.tolist()):
        result[row] = solve_one(square[place], target[place])
    return result


def solve_one(square: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The same for one row by the rule of Lawson and Hanson (1974): one variable enters at a time and no step goes uphill, so it ends.

    For the rare row where exchanges go round, such as one with more alike exemplars than dimensions.
    """
    x = np.zeros(len(target))
    support = np.zeros(len(target), dtype=bool)
    ridged = square + RIDGE * np.eye(len(target))
    for _ in range(10 * len(target)):
        slack = np.where(support, -np.inf, target - ridged @ x)
        if slack.max() <= BROKEN:
            break
        support[int(np.argmax(slack))] = True
        while support.any():
            full = np.zeros_like(x)
            full[support] = np.linalg.solve(ridged[np.ix_(support, support)], target[support])
            below = support & (full <= 0)
            if not below.any():
                x = full
                break
            x += (x[below] / (x[below] - full[below])).min() * (full - x)
            support &= x > 1e-12
            x[~support] = 0
    return x


def _exchanged(leaving: np.ndarray, wanting: np.ndarray, slack: np.ndarray, stuck: np.ndarray) -> np.ndarray:
    """Variables that change sides: all that leave and the most wanted few, or only the last of them where a row is stuck."""
    entering = wanting
    if wanting.shape[1] > ENTERING:
        wanted = np.where(wanting, slack, -np.inf)
        entering = wanting & (wanted >= np.partition(wanted, -ENTERING, axis=1)[:, -ENTERING][:, None])
    changed = leaving | entering
    for row in np.flatnonzero(stuck).tolist():
        last = np.flatnonzero(leaving[row] | wanting[row])[-1]
        changed[row] = False
        changed[row, last] = True
    return changed


def _stationary(square: np.ndarray, target: np.ndarray, support: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stationary values on the support, zero elsewhere, and the slope left at them."""
    size = int(support.sum(axis=1).max(initial=1))
    # The support, filled up to one size with places whose equations are x = 0.
    places = np.argsort(~support, axis=1, kind="stable")[:, :size]
    used = np.take_along_axis(support, places, axis=1)
    rows = np.arange(len(target))[:, None, None]
    system = square[rows, places[:, :, None], places[:, None, :]]
    system *= used[:, :, None] & used[:, None, :]
    diagonal = np.arange(size)
    system[:, diagonal, diagonal] += np.where(used, RIDGE, 1.0)
    right_side = np.where(used, np.take_along_axis(target, places, axis=1), 0.0)
    solution = np.linalg.solve(system, right_side[:, :, None])[:, :, 0]
    values = np.zeros(target.shape)
    np.put_along_axis(values, places, solution, axis=1)
    # Only the columns in use take part.
    columns = np.take_along_axis(square, places[:, None, :], axis=2) if size * 2 < square.shape[2] else square
    used_values = solution if size * 2 < square.shape[2] else values
    return values, target - np.matmul(columns, used_values[:, :, None])[:, :, 0]
