"""How near two clusters must be: the fewer looks speak for a join, the nearer.

One cut for all is wrong at one end. Among thousands of strangers some two single faces are always alike, while the mean over two
clusters of many looks hardly ever is by chance. So average linkage builds its tree as far as the loosest cut, and each join is then
judged by how much it stands on, and by how varied the faces within are: somebody whose looks change much is as far from the next
photo of his own as two even people are from each other, and two clusters that are each much narrower than the way between them are
two people. It is the within-class covariance of probabilistic linear discriminant analysis (Prince, Elder 2007), reduced to one
number for each cluster that the sums give.
"""

from __future__ import annotations

import numpy as np

POWER = 0.85
"""Between 1/2, by which the noise of a mean falls with what is averaged, and 1; best on celebrities-dev and LFW DevTest."""
WIDTH_PRIOR = 3.0
"""Looks of the usual spread that stand beside a cluster's own, so that few faces do not tell how varied a person is."""
WIDTH_WEIGHT = 0.5
"""Part of a cluster's difference from the usual spread that counts for, or against, what is to be joined with it."""
MOST_ALLOWED = 0.15
"""What a varied person gains at most, as a part of the usual spread: a cluster of two people is wide as well."""


def spread(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean distance of two faces within each cluster.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each cluster.
    counts : ndarray of shape (m,), int64

    Returns
    -------
    ndarray of shape (m,), float64
        0..2; 0 where there is one face or none.
    """
    counts = np.asarray(counts, dtype=np.float64)
    squares = np.einsum("ij,ij->i", sums, sums, dtype=np.float64)
    pairs = counts * (counts - 1)
    return np.clip(np.divide(pairs - (squares - counts), pairs, out=np.zeros_like(counts), where=pairs > 0), 0, 2)


def looks(spreads: np.ndarray, counts: np.ndarray, usual: float) -> np.ndarray:
    """How many different looks each cluster holds, judged by its own spread: a burst of one smile is little more than one.

    Parameters
    ----------
    spreads, counts : ndarray of shape (m,)
        As from and for :func:`spread`.
    usual : float
        Mean distance of two faces of one person from which both count in full.

    Returns
    -------
    ndarray of shape (m,), float64
        0 for none, 1 for a single face, at most ``counts``; ``1 + (n - 1) min(1, w / usual)`` with w the spread.
    """
    counts = np.asarray(counts, dtype=np.float64)
    return np.where(counts > 0, 1 + np.maximum(counts - 1, 0) * np.minimum(1, spreads / usual), 0.0)


def width(spreads: np.ndarray, seen: np.ndarray, usual: float) -> np.ndarray:
    """By how much the faces of what is to be joined are more, or less, varied than usual.

    Parameters
    ----------
    spreads, seen : ndarray of shape (parts, k)
        Of each part of k joins, from :func:`spread` and :func:`looks`: a burst does not tell how varied a person is.
    usual : float
        Mean distance of two faces of one person.

    Returns
    -------
    ndarray of shape (k,), float64
        The pooled spread less the usual one, shrunk towards 0 where there are few looks; 0 for single faces.
    """
    freedom = np.maximum(seen - 1, 0)
    pooled: np.ndarray = (freedom * (spreads - usual)).sum(axis=0) / (freedom.sum(axis=0) + WIDTH_PRIOR)
    return pooled


def allowance(spreads: np.ndarray, seen: np.ndarray, usual: float) -> np.ndarray:
    """By how much farther than the cut a join may be because its parts are varied; negative where they are narrow.

    ``WIDTH_WEIGHT`` of :func:`width`, whose arguments it takes, ``MOST_ALLOWED * usual`` at most.
    """
    return np.minimum(WIDTH_WEIGHT * width(spreads, seen, usual), MOST_ALLOWED * usual)


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
