"""Non-negative least squares (NNLS) for many small problems at once, by block principal pivoting."""

from __future__ import annotations

import numpy as np

RIDGE = 1e-6
"""Added to the diagonal, so that equal exemplars get equal coefficients and no system is singular."""
TOLERANCE = 2e-6
"""The slope above which a condition of the optimum counts as violated."""
ENTERING = 8
"""Variables that enter at once, at most: those with the steepest slopes. Few variables are above 0 in the end."""
PATIENCE = 3
"""Exchanges without progress before a problem exchanges one variable at a time."""
MAX_EXCHANGES = 30
"""Problems that are not solved after so many exchanges are solved by :func:`solve_one`."""


def solve_nnls(square: np.ndarray, target: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Minimise ``1/2 x' G x - t' x`` over ``x >= 0``, for n problems at once.

    Block principal pivoting (Portugal, Judice, Vicente 1994): the variables of the support are solved for, then all that
    violate a condition of the optimum change sides. The rule of Kim and Park (2011) breaks cycles: when the number of violations
    has not fallen for a few exchanges, only the last violating variable changes sides. Problems that cycle nevertheless are
    solved by :func:`solve_one`.

    Parameters
    ----------
    square : ndarray of shape (n, k, k), float64
        G of each problem, positive semi-definite.
    target : ndarray of shape (n, k), float64
        t of each problem.
    start : ndarray of shape (n, k)
        Variables above 0 are the first support.

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
    fewest, patience = np.full(n, k + 1), np.full(n, PATIENCE)
    for _ in range(MAX_EXCHANGES):
        values, slope = _stationary(square, target, support)
        leaving, entering = support & (values < 0), ~support & (slope > TOLERANCE)
        violations = leaving.sum(axis=1) + entering.sum(axis=1)
        unsolved = violations > 0
        result[rows[~unsolved]] = values[~unsolved]
        if not unsolved.any():
            return result
        if not unsolved.all():
            rows, square, target, support, slope = (array[unsolved] for array in (rows, square, target, support, slope))
            leaving, entering, violations = leaving[unsolved], entering[unsolved], violations[unsolved]
            fewest, patience = fewest[unsolved], patience[unsolved]
        patience = np.where(violations < fewest, PATIENCE, patience - 1)
        fewest = np.minimum(fewest, violations)
        support = support ^ _exchanged(leaving, entering, slope, patience < 0)
    for k, row in enumerate(rows.tolist()):
        result[row] = solve_one(square[k], target[k])
    return result


def solve_one(square: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Minimise ``1/2 x' G x - t' x`` over ``x >= 0`` by the active set method of Lawson and Hanson (1974).

    One variable enters at a time and no step increases the objective, so it ends. It is for the rare problems where block pivoting
    cycles, such as those with more nearly equal exemplars than dimensions.

    Parameters
    ----------
    square : ndarray of shape (k, k), float64, positive semi-definite
    target : ndarray of shape (k,), float64

    Returns
    -------
    ndarray of shape (k,), float64, >= 0
    """
    x = np.zeros(len(target))
    support = np.zeros(len(target), dtype=bool)
    ridged = square + RIDGE * np.eye(len(target))
    for _ in range(10 * len(target)):
        slope = np.where(support, -np.inf, target - ridged @ x)
        if slope.max() <= TOLERANCE:
            break
        support[int(np.argmax(slope))] = True
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


def _exchanged(leaving: np.ndarray, entering: np.ndarray, slope: np.ndarray, stuck: np.ndarray) -> np.ndarray:
    """Variables that change sides: all that leave and the steepest that enter, or only the last of all where a problem is stuck."""
    steepest = entering
    if entering.shape[1] > ENTERING:
        slopes = np.where(entering, slope, -np.inf)
        steepest = entering & (slopes >= np.partition(slopes, -ENTERING, axis=1)[:, -ENTERING][:, None])
    changed = leaving | steepest
    for row in np.flatnonzero(stuck).tolist():
        last = np.flatnonzero(leaving[row] | entering[row])[-1]
        changed[row] = False
        changed[row, last] = True
    return changed


def _stationary(square: np.ndarray, target: np.ndarray, support: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The minimum over the support without the bound, zero elsewhere, and the negative gradient there: shapes (n, k)."""
    size = int(support.sum(axis=1).max(initial=1))
    # All supports get one size: they are filled up with variables whose equations are x = 0.
    variables = np.argsort(~support, axis=1, kind="stable")[:, :size]
    used = np.take_along_axis(support, variables, axis=1)
    rows = np.arange(len(target))[:, None, None]
    system = square[rows, variables[:, :, None], variables[:, None, :]]
    system *= used[:, :, None] & used[:, None, :]
    diagonal = np.arange(size)
    system[:, diagonal, diagonal] += np.where(used, RIDGE, 1.0)
    right_side = np.where(used, np.take_along_axis(target, variables, axis=1), 0.0)
    solution = np.linalg.solve(system, right_side[:, :, None])[:, :, 0]
    values = np.zeros(target.shape)
    np.put_along_axis(values, variables, solution, axis=1)
    # If the supports are small, only their columns are multiplied.
    small = size * 2 < square.shape[2]
    columns = np.take_along_axis(square, variables[:, None, :], axis=2) if small else square
    return values, target - np.matmul(columns, (solution if small else values)[:, :, None])[:, :, 0]
