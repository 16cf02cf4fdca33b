"""Finding duplicate pictures, so that the remaining pictures can be taken for different people."""

from __future__ import annotations

import numpy as np

SIDE = 32


def thumbnails(pictures: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Grey pictures of ``side`` by ``side`` pixels as vectors of mean 0 and length 1, so that a product is a correlation.

    Parameters
    ----------
    pictures : ndarray of shape (n, h, w, 3), uint8
        h and w whole multiples of ``side``.

    Returns
    -------
    ndarray of shape (n, side * side), float32; rows of zeros for pictures of one colour
    """
    n, height, width = pictures.shape[:3]
    if height % side or width % side:
        raise ValueError(f"pictures of {height} x {width} pixels cannot be averaged to {side} x {side}")
    blocks = pictures.reshape(n, side, height // side, side, width // side, 3)
    grey = blocks.mean(axis=(2, 4, 5), dtype=np.float32).reshape(n, -1)
    grey -= grey.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(grey, axis=1, keepdims=True)
    return np.asarray(np.where(lengths > 1e-3, grey / np.maximum(lengths, 1e-3), 0), dtype=np.float32)


def without_repeats(n: int, pairs: np.ndarray) -> np.ndarray:
    """Which of ``n`` rows to keep so that no pair is left whole: of each group joined by pairs the first alone.

    Returns
    -------
    ndarray of shape (n,), bool
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    keep = np.zeros(n, dtype=bool)
    keep[np.unique(label, return_index=True)[1]] = True
    return keep
