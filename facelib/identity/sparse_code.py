"""Non-negative lasso over a dictionary, for many rows at once: solved on a few exemplars, checked against all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.identity.active_set import solve

BLOCK = 512
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
    near : ndarray of shape (n, s), int64
        The nearest exemplars, best first, whether used or not.
    similar : ndarray of shape (n, s), float32
        Their cosines.
    """

    indices: np.ndarray
    coefficients: np.ndarray
    residual: np.ndarray
    near: np.ndarray
    similar: np.ndarray


def nearest(similar: np.ndarray, s: int) -> np.ndarray:
    """The ``s`` greatest of each row, best first, equals by index: ndarray of shape (n, s), int64."""
    if s < similar.shape[1]:
        found = np.argpartition(similar, -s, axis=1)[:, -s:]
    else:
        found = np.broadcast_to(np.arange(s), similar.shape)
    order = np.lexsort((found, -np.take_along_axis(similar, found, axis=1)), axis=1)
    return np.take_along_axis(found, order, axis=1).astype(np.int64)


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
    # Both the products with all exemplars and the working sets of a block stay within some 64 MB.
    block = max(1, min(BLOCK, 16_000_000 // len(dictionary), 16_000_000 // (s * faces.shape[1])))
    parts = [_code_block(faces[start : start + block], dictionary, sparsity, s) for start in range(0, max(len(faces), 1), block)]
    # Never wider than the row that uses most.
    width = max(max(int((part.coefficients > 0).sum(axis=1).max(initial=0)) for part in parts), 1)
    return Codes(
        np.concatenate([_fitted(part.indices, width) for part in parts]),
        np.concatenate([_fitted(part.coefficients, width) for part in parts]),
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.near for part in parts]),
        np.concatenate([part.similar for part in parts]),
    )


def _fitted(columns: np.ndarray, width: int) -> np.ndarray:
    return np.pad(columns[:, :width], ((0, 0), (0, max(0, width - columns.shape[1]))))


def _code_block(y: np.ndarray, dictionary: np.ndarray, sparsity: float, s: int) -> Codes:
    similar = y @ dictionary.T
    near = nearest(similar, s)
    similar = np.take_along_axis(similar, near, axis=1)
    work, x = near.copy(), np.zeros(near.shape)
    residual = np.zeros_like(y)
    live = np.arange(len(y))
    for _ in range(MOST_ROUNDS):
        atoms = dictionary[work[live]]
        square = np.matmul(atoms, atoms.transpose(0, 2, 1)).astype(np.float64)
        target = np.matmul(atoms, y[live, :, None])[:, :, 0].astype(np.float64) - sparsity
        x[live] = solve(square, target, x[live])
        residual[live] = y[live] - np.matmul(x[live, None].astype(np.float32), atoms)[:, 0]
        if s == len(dictionary):
            break
        broken, found, place = _breaking(residual[live] @ dictionary.T, work[live], sparsity + TOLERANCE)
        live = live[broken]
        if not len(live):
            break
        work, x = _exchange(work, x, live, found, place)
    order = np.argsort(-x, axis=1, kind="stable")
    coefficients = np.take_along_axis(x, order, axis=1).astype(np.float32)
    return Codes(np.take_along_axis(work, order, axis=1), coefficients, np.linalg.norm(residual, axis=1), near, similar)


def _breaking(slack: np.ndarray, work: np.ndarray, bound: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with exemplars outside their working set above a bound, and for each of these rows the most wanted few.

    Returns
    -------
    rows : ndarray of shape (b,), int64
    found : ndarray of shape (k,), int64
        Exemplars, row by row.
    place : ndarray of shape (k, 2), int64
        The row of each, as a position in ``rows``, and its rank there.
    """
    np.put_along_axis(slack, work, -np.inf, axis=1)
    row, found = np.divmod(np.flatnonzero(slack.ravel() > bound), slack.shape[1])
    order = np.lexsort((found, -slack[row, found], row))
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
