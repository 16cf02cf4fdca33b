"""Non-negative lasso over a dictionary, for many rows at once, each on a shortlist of its nearest exemplars."""

from __future__ import annotations

import numpy as np

BLOCK = 512
MOST_SWEEPS = 500
TOLERANCE = 1e-6
SWEEPS_BEFORE_SOLVING = 4
EXCHANGES = 8


def nearest(faces: np.ndarray, dictionary: np.ndarray, s: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``s`` most similar exemplars of each row, best first.

    Returns
    -------
    indices : ndarray of shape (n, s), int64
    similarities : ndarray of shape (n, s), float32
        Cosines.
    """
    s = min(s, len(dictionary))
    products = faces @ dictionary.T
    if s < len(dictionary):
        found = np.argpartition(products, -s, axis=1)[:, -s:]
    else:
        found = np.broadcast_to(np.arange(s), products.shape)
    values = np.take_along_axis(products, found, axis=1)
    order = np.lexsort((found, -values), axis=1)
    return np.take_along_axis(found, order, axis=1).astype(np.int64), np.take_along_axis(values, order, axis=1)


def code(faces: np.ndarray, dictionary: np.ndarray, sparsity: float, shortlist: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solve ``min_x 1/2 |y - D x|^2 + sparsity |x|_1, x >= 0`` for each row y.

    Cyclic coordinate descent on the Gram matrix (Friedman, Hastie, Tibshirani 2010), over all rows of a block at once, finished by
    one linear system a row.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length
    dictionary : ndarray of shape (m, d), float32, rows of unit length
    sparsity : float
        lambda, the cost of one unit of coefficient.
    shortlist : int
        x is zero but for this many exemplars, those most similar to y.

    Returns
    -------
    indices : ndarray of shape (n, s), int64, s <= shortlist
        Exemplars by falling similarity.
    coefficients : ndarray of shape (n, s), float32, >= 0
    residual : ndarray of shape (n,), float32
        ``|y - D x|``, 0..1 for unit y.

    Raises
    ------
    ValueError
        If the dictionary is empty or the dimensions differ.
    """
    faces, dictionary = np.asarray(faces, dtype=np.float32), np.asarray(dictionary, dtype=np.float32)
    if not len(dictionary) or faces.ndim != 2 or faces.shape[1] != dictionary.shape[1]:
        raise ValueError(f"cannot code faces {faces.shape} by a dictionary {dictionary.shape}")
    s = min(shortlist, len(dictionary))
    indices = np.empty((len(faces), s), dtype=np.int64)
    coefficients = np.empty((len(faces), s), dtype=np.float32)
    residual = np.empty(len(faces), dtype=np.float32)
    # Both the products with all exemplars and the shortlisted exemplars of a block stay within some 64 MB.
    block = max(1, min(BLOCK, 16_000_000 // len(dictionary), 16_000_000 // (s * faces.shape[1])))
    for start in range(0, len(faces), block):
        y = faces[start : start + block]
        part = slice(start, start + len(y))
        indices[part], similar = nearest(y, dictionary, s)
        atoms = dictionary[indices[part]]
        x = _descend(np.matmul(atoms, atoms.transpose(0, 2, 1)), similar, sparsity)
        coefficients[part] = x
        residual[part] = np.linalg.norm(y - np.matmul(x[:, None], atoms)[:, 0], axis=1)
    return indices, coefficients, residual


def _descend(gram: np.ndarray, similar: np.ndarray, sparsity: float) -> np.ndarray:
    """Coefficients of shape (n, s) from Gram matrices (n, s, s) and similarities (n, s), best first."""
    result = np.zeros_like(similar)
    live = np.arange(len(similar))
    gram = np.ascontiguousarray(gram.transpose(1, 0, 2))
    target = similar - np.float32(sparsity)
    gradient, x = target.copy(), np.zeros_like(similar)
    for sweep in range(1, MOST_SWEEPS + 1):
        done = _sweep(gram, gradient, x) <= TOLERANCE
        if sweep % SWEEPS_BEFORE_SOLVING == 0:
            exact, solved = _solve_support(gram, target, x)
            x[solved] = exact[solved]
            done |= solved
        if done.any():
            result[live[done]] = x[done]
            left = ~done
            live, x, gradient, target, gram = live[left], x[left], gradient[left], target[left], gram[:, left]
            if not len(live):
                return result
    result[live] = x
    return result


def _sweep(gram: np.ndarray, gradient: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One round over all coordinates, in place; the largest change in each row."""
    change = np.zeros(len(x), dtype=np.float32)
    for j in range(x.shape[1]):
        step = np.maximum(x[:, j] + gradient[:, j], 0) - x[:, j]
        moved = np.flatnonzero(step)
        if len(moved):
            x[moved, j] += step[moved]
            gradient[moved] -= step[moved, None] * gram[j, moved]
            np.maximum(change, np.abs(step), out=change)
    return change


def _solve_support(gram: np.ndarray, target: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve for the coefficients in use, exchange those that break the conditions, and say which rows reached the optimum.

    Descent comes near the support in a few sweeps, but creeps where exemplars are alike; block pivoting (Portugal, Judice,
    Vicente 1994) ends in a few exchanges, or, rarely, goes round in circles: then descent goes on.
    """
    exact, solved = np.zeros_like(x), np.zeros(len(x), dtype=bool)
    support = x > 0
    rows = np.arange(len(x))
    square = gram.transpose(1, 0, 2).astype(np.float64)
    for _ in range(EXCHANGES):
        values, slack = _solve(square, target[rows], support)
        wrong = (values < 0) | (slack > 1e-5)
        right = ~wrong.any(axis=1) & (np.abs(np.where(support, slack, 0)) <= 1e-5).all(axis=1)
        exact[rows[right]] = values[right]
        solved[rows[right]] = True
        rows, square, support = rows[~right], square[~right], (support ^ wrong)[~right]
        if not len(rows):
            break
    return exact, solved


def _solve(square: np.ndarray, target: np.ndarray, support: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stationary values on the support, zero elsewhere, and the gradient left at them."""
    size = int(support.sum(axis=1).max(initial=1))
    # The support, filled up to one size with places whose equations are x = 0.
    places = np.argsort(~support, axis=1, kind="stable")[:, :size]
    used = np.take_along_axis(support, places, axis=1)
    system = np.take_along_axis(np.take_along_axis(square, places[:, :, None], axis=1), places[:, None, :], axis=2)
    system *= used[:, :, None] & used[:, None, :]
    diagonal = np.arange(size)
    system[:, diagonal, diagonal] += np.where(used, 1e-9, 1.0)
    right_side = np.where(used, np.take_along_axis(target, places, axis=1), 0.0)
    values = np.zeros(target.shape)
    np.put_along_axis(values, places, np.linalg.solve(system, right_side[:, :, None])[:, :, 0], axis=1)
    return values, target - np.matmul(square, values[:, :, None])[:, :, 0]
