"""How crowded it is around a face: where strangers are near, a distance means less.

Children, old prints, and people unlike those a network was trained on share a narrow part of the sphere; and in a library of
thousands of strangers somebody alike is nearer than in that of one family. As in score normalisation of speaker verification
(Auckenthaler, Carey, Lloyd-Thomas 2000), a distance is judged against those to a cohort of others: here the library's own
clusters, of which each counts once, however many faces it has.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

COHORT_NODES = 8000
LEAST_COHORT = 16
SKIPPED, STRANGERS = 3, 8
"""The nearest few of the cohort are a person's own; the next eight count. More would be a measure of the library and not of what is
near: among a few families it is the brothers and sisters who matter."""

Join = Callable[[np.ndarray, np.ndarray], np.ndarray]


def penalties(sums: np.ndarray, counts: np.ndarray, usual: float, weight: float, join: Join) -> np.ndarray:
    """By how much the strangers nearest to each node are nearer than usual.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each node.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds; nodes of 0 get 0.
    usual : float
        Mean distance to the nearest strangers where nothing has to be corrected.
    weight : float
        Part of the difference that is made good; 0: none.
    join : callable
        Cautious labels of a sample of nodes from their sums and counts, so that the cohort holds people rather than faces.

    Returns
    -------
    ndarray of shape (m,), float32
        Never negative: where nobody is near, the next stranger may be one who is to come. 0 in a library too small to tell.
        The mean of those of two nodes is to be added to their distance.
    """
    result = np.zeros(len(sums), dtype=np.float32)
    filled = np.flatnonzero(np.asarray(counts) > 0)
    if weight <= 0 or len(filled) < LEAST_COHORT:
        return result
    sample = filled
    if len(filled) > COHORT_NODES:
        # Spread over the order of a coordinate, so that the order of the rows does not matter.
        order = filled[np.lexsort((sums[filled, 1 % sums.shape[1]], sums[filled, 0] / counts[filled]))]
        sample = order[np.linspace(0, len(order) - 1, COHORT_NODES).astype(np.int64)]
    label = join(sums[sample], counts[sample])
    size = int(label.max()) + 1
    if size < LEAST_COHORT:
        return result
    totals, numbers = np.zeros((size, sums.shape[1]), dtype=np.float32), np.zeros(size)
    np.add.at(totals, label, sums[sample])
    np.add.at(numbers, label, counts[sample])
    cohort = totals / numbers[:, None].astype(np.float32)
    last = SKIPPED + STRANGERS
    for start in range(0, len(filled), 2048):
        rows = filled[start : start + 2048]
        similar = (sums[rows] / np.asarray(counts)[rows, None].astype(np.float32)) @ cohort.T
        nearest = np.partition(similar, (size - last, size - SKIPPED), axis=1)[:, size - last : size - SKIPPED]
        result[rows] = weight * (usual - (1 - nearest.mean(axis=1)))
    return np.maximum(result, np.float32(0))
