"""Sparse coding: the non-negative lasso over a dictionary for many rows at once, solved on few exemplars, checked against all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facelib.recognition.nnls import solve_nnls

BLOCK = 1024
"""Rows solved together."""
STRIPE = 2_000_000
"""Products with exemplars that are computed together: as many as fit into a core's cache."""
START = 32
"""Size of a row's first working set: its nearest exemplars. About nine exemplars have a coefficient in the end."""
TOLERANCE = 1e-5
"""No exemplar violates the conditions of the optimum by more; the objective is then at most this times ``|x|_1`` above the least."""
MAX_ROUNDS = 100
ENTERING = 32
"""Exemplars that enter a working set in one round, at most."""


@dataclass(frozen=True, eq=False)
class SparseCodes:
    """The sparse codes of n rows.

    Attributes
    ----------
    indices : ndarray of shape (n, w), int64
        Exemplars by falling coefficient; those without a coefficient only fill the row, and may be repeated.
    coefficients : ndarray of shape (n, w), float32, >= 0
    residual : ndarray of shape (n,), float32
        Length of the residual vector, 0..1 for unit y.
    residual_vector : ndarray of shape (n, d), float32
        ``y - D x``.
    nearest : ndarray of shape (n, s), int64
        The shortlist: the nearest exemplars, best first, with or without a coefficient.
    nearest_cosine : ndarray of shape (n, s), float32
    """

    indices: np.ndarray
    coefficients: np.ndarray
    residual: np.ndarray
    residual_vector: np.ndarray
    nearest: np.ndarray
    nearest_cosine: np.ndarray


def nearest_exemplars(faces: np.ndarray, dictionary: np.ndarray, s: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``s`` exemplars nearest to each row, best first, equals by index.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32
    dictionary : ndarray of shape (m, d), float32
    s : int, 1..m

    Returns
    -------
    nearest : ndarray of shape (n, s), int64
    cosine : ndarray of shape (n, s), float32
    """
    nearest, cosine = np.empty((len(faces), s), dtype=np.int64), np.empty((len(faces), s), dtype=np.float32)
    for rows, products in _stripes(faces, dictionary):
        row, exemplar = np.divmod(np.flatnonzero(products >= _bound_reached_by(products, s)), len(dictionary))
        # One line for each row: the products that reach the bound, in the order of the exemplars, then minus infinity.
        count = np.bincount(row, minlength=len(products))
        column = np.arange(len(row)) - (np.cumsum(count) - count)[row]
        values = np.full((len(products), int(count.max())), -np.inf, dtype=np.float32)
        exemplars = np.zeros(values.shape, dtype=np.int64)
        values[row, column], exemplars[row, column] = products[row, exemplar], exemplar
        order = np.argsort(-values, axis=1, kind="stable")[:, :s]
        nearest[rows], cosine[rows] = np.take_along_axis(exemplars, order, axis=1), np.take_along_axis(values, order, axis=1)
    return nearest, cosine


def _bound_reached_by(products: np.ndarray, s: int) -> np.ndarray:
    """A bound for each row that at least ``s`` of its numbers reach, and not many more: shape (n, 1), float32.

    The row is divided into parts; the s-th largest of their maxima is such a bound.
    """
    n, m = products.shape
    parts = 4 * s
    if m < 2 * parts:
        return np.partition(products, m - s, axis=1)[:, m - s, None]
    greatest = products[:, : m // parts * parts].reshape(n, -1, parts).max(axis=1)
    rest = m % parts
    greatest[:, :rest] = np.maximum(greatest[:, :rest], products[:, m - rest :])
    return np.partition(greatest, parts - s, axis=1)[:, parts - s, None]


def _stripes(rows: np.ndarray, dictionary: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of rows, and their products with all exemplars: shape (block, m). Each block overwrites the products of the last."""
    height = max(1, STRIPE // len(dictionary))
    buffer = np.empty((min(height, len(rows)), len(dictionary)), dtype=np.float32)
    for start in range(0, len(rows), height):
        stripe = rows[start : start + height]
        yield slice(start, start + height), np.matmul(stripe, dictionary.T, out=buffer[: len(stripe)])


def sparse_encode(faces: np.ndarray, dictionary: np.ndarray, sparsity: float, shortlist: int) -> SparseCodes:
    """Minimise ``1/2 |y - D x|^2 + sparsity |x|_1`` over ``x >= 0`` for each row y.

    An active set method with column generation: the working set of a row begins with its nearest exemplars. The solution
    there is checked against the Karush-Kuhn-Tucker conditions of the whole dictionary, ``d . (y - D x) <= sparsity`` for
    every exemplar d. Those that violate them replace exemplars without a coefficient, and the row is solved again, until no
    exemplar violates them. So the result depends neither on the shortlist nor on the first working set.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length
    dictionary : ndarray of shape (m, d), float32, rows of unit length
    sparsity : float
        lambda, the cost of one unit of coefficient.
    shortlist : int
        How many of the nearest exemplars are found for each row; at most 32 of them make its first working set.

    Raises
    ------
    ValueError
        If the dictionary is empty or the dimensions differ.
    """
    faces, dictionary = np.asarray(faces, dtype=np.float32), np.asarray(dictionary, dtype=np.float32)
    if not len(dictionary) or faces.ndim != 2 or faces.shape[1] != dictionary.shape[1]:
        raise ValueError(f"cannot code faces {faces.shape} by a dictionary {dictionary.shape}")
    s = min(shortlist, len(dictionary))
    parts = [_encode_block(faces[start : start + BLOCK], dictionary, sparsity, s) for start in range(0, max(len(faces), 1), BLOCK)]
    width = max(max(int((part.coefficients > 0).sum(axis=1).max(initial=0)) for part in parts), 1)
    return SparseCodes(
        np.concatenate([_of_width(part.indices, width) for part in parts]),
        np.concatenate([_of_width(part.coefficients, width) for part in parts]),
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.residual_vector for part in parts]),
        np.concatenate([part.nearest for part in parts]),
        np.concatenate([part.nearest_cosine for part in parts]),
    )


def _of_width(columns: np.ndarray, width: int) -> np.ndarray:
    return np.pad(columns[:, :width], ((0, 0), (0, max(0, width - columns.shape[1]))))


def _encode_block(y: np.ndarray, dictionary: np.ndarray, sparsity: float, s: int) -> SparseCodes:
    nearest, cosine = nearest_exemplars(y, dictionary, s)
    working = nearest[:, :START].copy()
    complete = working.shape[1] == len(dictionary)
    x = np.zeros(working.shape)
    residual = np.zeros_like(y)
    unsolved = np.arange(len(y))
    for _ in range(MAX_ROUNDS):
        exemplars = dictionary[working[unsolved]]
        square = np.matmul(exemplars, exemplars.transpose(0, 2, 1)).astype(np.float64)
        target = np.matmul(exemplars, y[unsolved, :, None])[:, :, 0].astype(np.float64) - sparsity
        x[unsolved] = solve_nnls(square, target, x[unsolved])
        residual[unsolved] = y[unsolved] - np.matmul(x[unsolved, None].astype(np.float32), exemplars)[:, 0]
        # Only the first working sets have no repeated exemplars, so only their width says that nothing is outside.
        if complete:
            break
        violated, entering, where = _violations(residual[unsolved], dictionary, working[unsolved], sparsity + TOLERANCE)
        unsolved = unsolved[violated]
        if not len(unsolved):
            break
        working, x = _enter(working, x, unsolved, entering, where)
    order = np.argsort(-x, axis=1, kind="stable")
    coefficients = np.take_along_axis(x, order, axis=1).astype(np.float32)
    indices = np.take_along_axis(working, order, axis=1)
    return SparseCodes(indices, coefficients, np.linalg.norm(residual, axis=1), residual, nearest, cosine)


def _violations(
    residual: np.ndarray, dictionary: np.ndarray, working: np.ndarray, bound: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with exemplars outside their working set whose product with the residual is above a bound, and these exemplars.

    Returns
    -------
    rows : ndarray of shape (b,), int64
    entering : ndarray of shape (k,), int64
        Exemplars, row by row, those with the greatest products; at most :data:`ENTERING` a row.
    where : ndarray of shape (k, 2), int64
        The row of each, as an index into ``rows``, and its rank there.
    """
    parts = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))]
    for rows_of_stripe, products in _stripes(residual, dictionary):
        row, exemplar = np.divmod(np.flatnonzero(products.ravel() > bound), products.shape[1])
        parts.append((row + rows_of_stripe.start, exemplar, products[row, exemplar]))
    row, exemplar, value = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    outside = ~(working[row] == exemplar[:, None]).any(axis=1)
    row, exemplar, value = row[outside], exemplar[outside], value[outside]
    order = np.lexsort((exemplar, -value, row))
    row, exemplar = row[order], exemplar[order]
    rows, first, index = np.unique(row, return_index=True, return_inverse=True)
    rank = np.arange(len(row)) - first[index] if len(row) else row
    few = rank < ENTERING
    return rows, exemplar[few], np.stack([index, rank], axis=1)[few]


def _enter(
    working: np.ndarray, x: np.ndarray, unsolved: np.ndarray, entering: np.ndarray, where: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Replace exemplars without a coefficient by those that enter; if they are too few, all working sets grow."""
    count = np.bincount(where[:, 0])
    lacking = int((count - (x[unsolved] == 0).sum(axis=1)).max())
    if lacking > 0:
        # A new column repeats the first exemplar, which changes nothing, until another one replaces it.
        working = np.concatenate([working, np.repeat(working[:, :1], lacking, axis=1)], axis=1)
        x = np.pad(x, ((0, 0), (0, lacking)))
    unused = np.argsort(x[unsolved] > 0, axis=1, kind="stable")
    working[unsolved[where[:, 0]], unused[where[:, 0], where[:, 1]]] = entering
    return working, x
