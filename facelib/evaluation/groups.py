"""How well clusters agree with the truth: B-cubed and pairwise precision, recall and F."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Score:
    """Precision, recall (both 0..1) and their harmonic mean F; a quotient of nothing by nothing counts as 1."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total > 0 else 0.0


def _contingency(clusters: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts of each occurring (cluster, true label), their two indices, and the sizes of clusters and of true labels."""
    clusters, truth = np.asarray(clusters), np.asarray(truth)
    if clusters.ndim != 1 or clusters.shape != truth.shape:
        raise ValueError(f"clusters {clusters.shape} and truth {truth.shape} must be two lists of one length")
    c = np.unique(clusters, return_inverse=True)[1].astype(np.int64)
    t = np.unique(truth, return_inverse=True)[1].astype(np.int64)
    if np.issubdtype(clusters.dtype, np.signedinteger):
        alone = clusters < 0
        c[alone] = c.max(initial=0) + 1 + np.arange(int(alone.sum()))
        c = np.unique(c, return_inverse=True)[1].astype(np.int64)
    width = int(t.max(initial=0)) + 1
    cells, count = np.unique(c * width + t, return_counts=True)
    return count, cells // width, cells % width, np.bincount(c), np.bincount(t)


def b_cubed(clusters: np.ndarray, truth: np.ndarray) -> Score:
    """B-cubed precision and recall (Bagga and Baldwin 1998): per item, then the mean over items.

    Parameters
    ----------
    clusters : ndarray of shape (n,)
        Any labels; each negative integer counts as a cluster of its own.
    truth : ndarray of shape (n,)
        The true labels, of any type.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    count, c, t, c_sizes, t_sizes = _contingency(clusters, truth)
    n = int(count.sum())
    if not n:
        return Score(1.0, 1.0)
    return Score(float((count**2 / c_sizes[c]).sum() / n), float((count**2 / t_sizes[t]).sum() / n))


def pairwise(clusters: np.ndarray, truth: np.ndarray) -> Score:
    """Precision and recall over pairs of items: together in a cluster, against together in truth. Arguments as in :func:`b_cubed`."""
    count, _, _, c_sizes, t_sizes = _contingency(clusters, truth)
    right, found, true = (float((sizes * (sizes - 1) / 2).sum()) for sizes in (count, c_sizes, t_sizes))
    return Score(right / found if found else 1.0, right / true if true else 1.0)
