"""Sums of unit vectors by cluster: all that average linkage, thresholds and suggestions need to know of its faces.

With S the sum of n unit vectors, the mean pairwise cosine distance of two clusters A and B is ``1 - S_A . S_B / (n_A n_B)``, and
that of the pairs within one cluster ``1 - (|S|^2 - n) / (n (n - 1))``.
"""

from __future__ import annotations

import numpy as np


def sum_by_label(vectors: np.ndarray, label: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Sum the vectors under each of ``m`` labels.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32
    label : ndarray of shape (n,), int64, 0 <= label < m

    Returns
    -------
    sums : ndarray of shape (m, d), float32
        Added in the order of the rows; zeros where a label has no row.
    counts : ndarray of shape (m,), int64

    Examples
    --------
    >>> sums, counts = sum_by_label(np.eye(3, dtype=np.float32), np.array([1, 0, 1]), 2)
    >>> sums.tolist(), counts.tolist()
    ([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]], [1, 2])
    """
    counts = np.bincount(label, minlength=m)
    order = np.argsort(label, kind="stable")
    sums = np.zeros((m, vectors.shape[1]), dtype=np.float32)
    if len(label):
        starts = np.concatenate([[0], np.cumsum(counts[counts > 0])[:-1]])
        sums[counts > 0] = np.add.reduceat(vectors[order], starts, axis=0)
    return sums, counts


def merge_sums(sums: np.ndarray, counts: np.ndarray, label: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums and counts of ``m`` clusters from those of their parts; ``label`` says which cluster each part goes to.

    Returns
    -------
    sums : ndarray of shape (m, d), float32
    counts : ndarray of shape (m,), int64
    """
    numbers = np.zeros(m, dtype=np.int64)
    np.add.at(numbers, label, np.asarray(counts, dtype=np.int64))
    return sum_by_label(sums, label, m)[0], numbers


def mean_vectors(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Means of shape (m, d), float32, zeros where there is no vector; the product of two is their mean pairwise similarity."""
    means: np.ndarray = sums / np.maximum(counts, 1)[:, None].astype(np.float32)
    return means


def intra_distances(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean pairwise cosine distance within each cluster.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each cluster.
    counts : ndarray of shape (m,), int64

    Returns
    -------
    ndarray of shape (m,), float64
        0..2; 0 where there is no pair: one vector or none.

    Examples
    --------
    >>> intra_distances(np.array([[1.0, 1.0], [2.0, 0.0], [1.0, 0.0]]), np.array([2, 2, 1])).tolist()
    [1.0, 0.0, 0.0]
    """
    counts = np.asarray(counts, dtype=np.float64)
    squares = np.einsum("ij,ij->i", sums, sums, dtype=np.float64)
    pairs = counts * (counts - 1)
    return np.clip(np.divide(pairs - (squares - counts), pairs, out=np.zeros_like(counts), where=pairs > 0), 0, 2)
