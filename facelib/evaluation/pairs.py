"""Verification: how well a distance separates pairs of one person from pairs of two."""

from __future__ import annotations

import numpy as np


def _split(distances: np.ndarray, same: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distances, same = np.asarray(distances, dtype=np.float64), np.asarray(same, dtype=bool)
    if distances.ndim != 1 or distances.shape != same.shape:
        raise ValueError(f"distances {distances.shape} and same {same.shape} must be two lists of one length")
    if not same.any() or same.all():
        raise ValueError("needs pairs of one person and pairs of two")
    return np.sort(distances[same]), np.sort(distances[~same])


def best_cut(distances: np.ndarray, same: np.ndarray) -> tuple[float, float]:
    """The cut with the most right answers to "one person iff distance < cut", and that accuracy (0..1).

    Parameters
    ----------
    distances : ndarray of shape (n,), float
    same : ndarray of shape (n,), bool
        Whether the pair is one person.

    Raises
    ------
    ValueError
        If the shapes differ or one kind of pair is missing.
    """
    genuine, impostor = _split(distances, same)
    values = np.unique(np.concatenate([genuine, impostor]))
    cuts = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2, values[-1:] + 1])
    right = np.searchsorted(genuine, cuts) + len(impostor) - np.searchsorted(impostor, cuts)
    best = int(np.argmax(right))
    return float(cuts[best]), float(right[best] / len(distances))


def accuracy(distances: np.ndarray, same: np.ndarray, folds: int = 10) -> float:
    """Mean accuracy over folds, each judged by the best cut of the others, as in the protocol of LFW.

    Fold k is every ``folds``-th pair of each kind from the k-th on, so the folds are balanced and always the same.
    """
    _split(distances, same)
    distances, same = np.asarray(distances, dtype=np.float64), np.asarray(same, dtype=bool)
    fold = np.empty(len(same), dtype=np.int64)
    for kind in (True, False):
        fold[same == kind] = np.arange(int((same == kind).sum())) % folds
    results = []
    for k in range(folds):
        test = fold == k
        cut, _ = best_cut(distances[~test], same[~test])
        results.append(float(((distances[test] < cut) == same[test]).mean()))
    return float(np.mean(results))


def tar_at_far(distances: np.ndarray, same: np.ndarray, far: float) -> tuple[float, float]:
    """Share of true pairs accepted where at most ``far`` of the false ones are.

    Returns
    -------
    tar : float, 0..1
    cut : float
        Accepted is ``distance < cut``; the greatest such cut that keeps to ``far``.
    """
    genuine, impostor = _split(distances, same)
    allowed = int(np.floor(far * len(impostor)))
    cut = float(impostor[allowed]) if allowed < len(impostor) else float(np.inf)
    return float(np.searchsorted(genuine, cut) / len(genuine)), cut


def tar_curve(distances: np.ndarray, same: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """True accept rates at each of several false accept rates, as :func:`tar_at_far` gives them: ndarray like ``rates``."""
    genuine, impostor = _split(distances, same)
    allowed = np.floor(np.asarray(rates, dtype=np.float64) * len(impostor)).astype(np.int64)
    cuts = np.append(impostor, np.inf)[np.minimum(allowed, len(impostor))]
    return np.asarray(np.searchsorted(genuine, cuts) / len(genuine))


def all_pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    """First and second of each pair of ``n`` rows, two ndarrays of shape (n (n - 1) / 2,), int64."""
    first, second = np.triu_indices(n, 1)
    return first.astype(np.int64), second.astype(np.int64)


def pair_distances(vectors: np.ndarray, block: int = 1024) -> np.ndarray:
    """Cosine distances of all pairs of unit vectors, in the order of :func:`all_pairs`: ndarray, float32.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32
        Rows of unit length.
    """
    n = len(vectors)
    parts = []
    for start in range(0, n, block):
        rows = 1 - vectors[start : start + block] @ vectors.T
        parts += [row[start + k + 1 :] for k, row in enumerate(rows)]
    return np.concatenate(parts).astype(np.float32, copy=False) if parts else np.empty(0, dtype=np.float32)


def close_pairs(vectors: np.ndarray, cut: float, block: int = 1024) -> np.ndarray:
    """Pairs of rows with a cosine distance below ``cut``: ndarray of shape (p, 2), int64, first < second, in order."""
    found = []
    for start in range(0, len(vectors), block):
        rows, columns = np.nonzero(1 - vectors[start : start + block] @ vectors.T < cut)
        later = columns > rows + start
        found.append(np.stack([rows[later] + start, columns[later]], axis=1))
    return np.concatenate(found).astype(np.int64) if found else np.empty((0, 2), dtype=np.int64)
