"""Non-negative lasso over a dictionary, for many rows at once: solved on a few exemplars, checked against all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facelib.recognition.nnls import solve

BLOCK = 1024
"""Rows solved together."""
STRIPE = 2_000_000
"""Numbers of a product with all exemplars that are looked at together: as many as stay in a core's cache."""
START = 32
"""The nearest exemplars that make the first working set of a row; some nine are in use in the end."""
TOLERANCE = 1e-5
"""No exemplar may break the conditions of the optimum by more; the objective is then this times ``|x|_1`` above the least one."""
MOST_ROUNDS = 100
ENTERING = 32
"""Exemplars outside the working set that may enter it in one round."""


@dataclass(frozen=True, eq=False)
class Codes:
    """The sparse codes of n rows.

    Attributes
    ----------
    indices : ndarray of shape (n, w), int64
        Exemplars by falling coefficient; one without a coefficient only fills the row, perhaps several times.
    coefficients : ndarray of shape (n, w), float32, >= 0
    residual : ndarray of shape (n,), float32
        ``|y - D x|``, 0..1 for unit y.
    rest : ndarray of shape (n, d), float32
        ``y - D x``.
    near : ndarray of shape (n, s), int64
        The nearest exemplars, best first, whether used or not.
    similar : ndarray of shape (n, s), float32
        Their cosines.
    """

    indices: np.ndarray
    coefficients: np.ndarray
    residual: np.ndarray
    rest: np.ndarray
    near: np.ndarray
    similar: np.ndarray


def nearest(faces: np.ndarray, dictionary: np.ndarray, s: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``s`` exemplars nearest to each row, best first, equals by index, and their cosines: shapes (n, s), int64 and float32."""
    near, similar = np.empty((len(faces), s), dtype=np.int64), np.empty((len(faces), s), dtype=np.float32)
    for rows, products in _stripes(faces, dictionary):
        row, found = np.divmod(np.flatnonzero(products >= _floor(products, s)), len(dictionary))
        # One line for each row: what lies above the floor, in the order of the exemplars, then nothing.
        count = np.bincount(row, minlength=len(products))
        place = np.arange(len(row)) - (np.cumsum(count) - count)[row]
        values = np.full((len(products), int(count.max())), -np.inf, dtype=np.float32)
        names = np.zeros(values.shape, dtype=np.int64)
        values[row, place], names[row, place] = products[row, found], found
        order = np.argsort(-values, axis=1, kind="stable")[:, :s]
        near[rows], similar[rows] = np.take_along_axis(names, order, axis=1), np.take_along_axis(values, order, axis=1)
    return near, similar


def _floor(products: np.ndarray, s: int) -> np.ndarray:
    """A bound for each row that at least ``s`` of its numbers reach, and not many more: shape (n, 1).

    Of parts of a row the greatest are taken, and of these the s-th: so many numbers are at least as great.
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
    """Some rows at a time, and their products with all exemplars, which the next ones overwrite."""
    height = max(1, STRIPE // len(dictionary))
    buffer = np.empty((min(height, len(rows)), len(dictionary)), dtype=np.float32)
    for start in range(0, len(rows), height):
        part = rows[start : start + height]
        yield slice(start, start + height), np.matmul(part, dictionary.T, out=buffer[: len(part)])


def code(faces: np.ndarray, dictionary: np.ndarray, sparsity: float, shortlist: int) -> Codes:
    """Solve ``min_x 1/2 |y - D x|^2 + sparsity |x|_1, x >= 0`` for each row y.

    A row starts from its nearest exemplars. Its solution there is checked against the conditions of Karush, Kuhn and Tucker
    over the whole dictionary, ``d . (y - D x) <= sparsity`` for every exemplar d; those that break them enter in the place of
    unused ones, and the row is solved again, until none is left: the answer does not depend on the shortlist.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length
    dictionary : ndarray of shape (m, d), float32, rows of unit length
    sparsity : float
        lambda, the cost of one unit of coefficient.
    shortlist : int
        How many of the nearest exemplars a row starts from: memory and time, not the result.

    Raises
    ------
    ValueError
        If the dictionary is empty or the dimensions differ.
    """
    faces, dictionary = np.asarray(faces, dtype=np.float32), np.asarray(dictionary, dtype=np.float32)
    if not len(dictionary) or faces.ndim != 2 or faces.shape[1] != dictionary.shape[1]:
        raise ValueError(f"cannot code faces {faces.shape} by a dictionary {dictionary.shape}")
    s = min(shortlist, len(dictionary))
    parts = [_code_block(faces[start : start + BLOCK], dictionary, sparsity, s) for start in range(0, max(len(faces), 1), BLOCK)]
    # Never wider than the row that uses most.
    width = max(max(int((part.coefficients > 0).sum(axis=1).max(initial=0)) for part in parts), 1)
    return Codes(
        np.concatenate([_fitted(part.indices, width) for part in parts]),
        np.concatenate([_fitted(part.coefficients, width) for part in parts]),
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.rest for part in parts]),
        np.concatenate([part.near for part in parts]),
        np.concatenate([part.similar for part in parts]),
    )


def _fitted(columns: np.ndarray, width: int) -> np.ndarray:
    return np.pad(columns[:, :width], ((0, 0), (0, max(0, width - columns.shape[1]))))


def _code_block(y: np.ndarray, dictionary: np.ndarray, sparsity: float, s: int) -> Codes:
    near, similar = nearest(y, dictionary, s)
    work = near[:, :START].copy()
    x = np.zeros(work.shape)
    residual = np.zeros_like(y)
    live = np.arange(len(y))
    for _ in range(MOST_ROUNDS):
        atoms = dictionary[work[live]]
        square = np.matmul(atoms, atoms.transpose(0, 2, 1)).astype(np.float64)
        target = np.matmul(atoms, y[live, :, None])[:, :, 0].astype(np.float64) - sparsity
        x[live] = solve(square, target, x[live])
        residual[live] = y[live] - np.matmul(x[live, None].astype(np.float32), atoms)[:, 0]
        if work.shape[1] == len(dictionary):
            break
        broken, found, place = _breaking(residual[live], dictionary, work[live], sparsity + TOLERANCE)
        live = live[broken]
        if not len(live):
            break
        work, x = _exchange(work, x, live, found, place)
    order = np.argsort(-x, axis=1, kind="stable")
    coefficients = np.take_along_axis(x, order, axis=1).astype(np.float32)
    return Codes(np.take_along_axis(work, order, axis=1), coefficients, np.linalg.norm(residual, axis=1), residual, near, similar)


def _breaking(residual: np.ndarray, dictionary: np.ndarray, work: np.ndarray, bound: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with exemplars outside their working set above a bound, and for each of these rows the most wanted few.

    Returns
    -------
    rows : ndarray of shape (b,), int64
    found : ndarray of shape (k,), int64
        Exemplars, row by row.
    place : ndarray of shape (k, 2), int64
        The row of each, as a position in ``rows``, and its rank there.
    """
    parts = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))]
    for some, slack in _stripes(residual, dictionary):
        row, found = np.divmod(np.flatnonzero(slack.ravel() > bound), slack.shape[1])
        parts.append((row + some.start, found, slack[row, found]))
    row, found, value = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    outside = ~(work[row] == found[:, None]).any(axis=1)
    row, found, value = row[outside], found[outside], value[outside]
    order = np.lexsort((found, -value, row))
    row, found = row[order], found[order]
    rows, first, position = np.unique(row, return_index=True, return_inverse=True)
    rank = np.arange(len(row)) - first[position] if len(row) else row
    few = rank < ENTERING
    return rows, found[few], np.stack([position, rank], axis=1)[few]


def _exchange(work: np.ndarray, x: np.ndarray, live: np.ndarray, found: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Let exemplars enter live rows in the place of unused ones; all rows become wider where there is no place."""
    entering = np.bincount(place[:, 0])
    lacking = int((entering - (x[live] == 0).sum(axis=1)).max())
    if lacking > 0:
        # A new place holds the first exemplar again, which changes nothing, until it is given away.
        work = np.concatenate([work, np.repeat(work[:, :1], lacking, axis=1)], axis=1)
        x = np.pad(x, ((0, 0), (0, lacking)))
    unused = np.argsort(x[live] > 0, axis=1, kind="stable")
    work[live[place[:, 0]], unused[place[:, 0], place[:, 1]]] = found
    return work, x
