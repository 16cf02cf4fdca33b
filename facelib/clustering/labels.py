"""Labels of rows: numbering clusters in the order of their first rows."""

from __future__ import annotations

import numpy as np

from facelib.records import NO_CLUSTER


def relabel(labels: np.ndarray) -> np.ndarray:
    """Renumber labels from 0 in the order of their first rows; ``NO_CLUSTER`` stays: ndarray of shape (n,), int64, both ways.

    Examples
    --------
    >>> relabel(np.array([7, -1, 3, 7])).tolist()
    [0, -1, 1, 0]
    """
    used = labels >= 0
    values, first = np.unique(labels[used], return_index=True)
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(values))
    result = np.full(len(labels), NO_CLUSTER, dtype=np.int64)
    result[used] = rank[np.searchsorted(values, labels[used])]
    return result
