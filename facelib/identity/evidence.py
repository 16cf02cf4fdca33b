"""How near two clusters must be: the fewer looks speak for a join, the nearer.

One cut for all is wrong at one end. Among thousands of strangers some two single faces are always alike, while the mean over two
clusters of many looks hardly ever is by chance. So average linkage builds its tree as far as the loosest cut, and each join is then
judged by how much it stands on.
"""

from __future__ import annotations

import numpy as np

POWER = 0.85
"""Between 1/2, by which the noise of a mean falls with what is averaged, and 1; best on celebrities-dev and LFW DevTest."""


def looks(sums: np.ndarray, counts: np.ndarray, usual: float) -> np.ndarray:
    """How many different looks each cluster holds, judged by its own spread: a burst of one smile is little more than one.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each cluster.
    counts : ndarray of shape (m,), int64
    usual : float
        Mean distance of two faces of one person from which both count in full.

    Returns
    -------
    ndarray of shape (m,), float64
        0 for none, 1 for a single face, at most ``counts``; ``1 + (n - 1) min(1, w / usual)`` with w the mean distance within.
    """
    counts = np.asarray(counts, dtype=np.float64)
    squares = np.einsum("ij,ij->i", sums, sums, dtype=np.float64)
    pairs = counts * (counts - 1)
    within = np.clip(np.divide(pairs - (squares - counts), pairs, out=np.zeros_like(counts), where=pairs > 0), 0, 2)
    return np.where(counts > 0, 1 + np.maximum(counts - 1, 0) * np.minimum(1, within / usual), 0.0)


def cut_at(looks_together: np.ndarray, near: float, far: float) -> np.ndarray:
    """The mean distance below which a join of so many looks holds: ``near`` for two, towards ``far`` for many."""
    together = np.maximum(np.asarray(looks_together, dtype=np.float64), 2)
    return far - (far - near) * (2 / together) ** POWER


def cut_tree(m: int, left: np.ndarray, right: np.ndarray, holds: np.ndarray) -> np.ndarray:
    """Keep the highest joins that hold, with all below them.

    Parameters
    ----------
    m : int
        Number of leaves 0..m-1; join k makes node m + k.
    left, right : ndarray of shape (k,), int64
        The nodes each join is of, made before it.
    holds : ndarray of shape (k,), bool

    Returns
    -------
    ndarray of shape (m,), int64
        For each leaf the node it belongs to in the end: a join, or itself.
    """
    owner = np.arange(m + len(left)).tolist()
    parts = list(zip(left.tolist(), right.tolist(), holds.tolist(), strict=True))
    for k in range(len(parts) - 1, -1, -1):
        a, b, good = parts[k]
        top = owner[m + k]
        if good or top != m + k:
            owner[a] = owner[b] = top
    return np.array(owner[:m], dtype=np.int64)
