"""How crowded it is around a face: where strangers are near, a distance means less, and where nobody is, more.

Children, old prints, and people unlike those a network was trained on share a narrow part of the sphere; and in a library of
thousands of strangers somebody alike is nearer than in that of one family. As in score normalisation of speaker verification
(Auckenthaler, Carey, Lloyd-Thomas 2000), a distance is judged against those to a cohort of others: here the library's own
clusters, of which each counts once, however many faces it has.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

COHORT_NODES = 8000
LEAST_COHORT = 40
SMALL = 0.25
"""Part of the greatest bonus in a library with fewer clusters: few strangers can be alike there, but siblings are."""
SKIPPED, STRANGERS, LEAST_STRANGERS = 2, 30, 8
"""The nearest few of the cohort are a person's own; the next thirty count. Where the cohort is a sample, fewer of it do."""

Join = Callable[[np.ndarray, np.ndarray], np.ndarray]


def penalties(sums: np.ndarray, counts: np.ndarray, usual: float, weight: float, most_bonus: float, join: Join) -> np.ndarray:
    """By how much the strangers nearest to each node are nearer than usual; negative where they are farther.

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
    most_bonus : float
        The lowest value is minus this, for in a small library the next stranger may be one who is to come.
    join : callable
        Cautious labels of a sample of nodes from their sums and counts, so that the cohort holds people rather than faces.

    Returns
    -------
    ndarray of shape (m,), float32
        All ``-SMALL * most_bonus`` in a library too small to tell. The mean of those of two nodes is to be added to their distance.
    """
    result = np.zeros(len(sums), dtype=np.float32)
    filled = np.flatnonzero(np.asarray(counts) > 0)
    if weight <= 0:
        return result
    if len(filled) < LEAST_COHORT:
        return np.full_like(result, -SMALL * most_bonus)
    sample = filled
    if len(filled) > COHORT_NODES:
        # Spread over the order of a coordinate, so that the order of the rows does not matter.
        order = filled[np.lexsort((sums[filled, 1 % sums.shape[1]], sums[filled, 0] / counts[filled]))]
        sample = order[np.linspace(0, len(order) - 1, COHORT_NODES).astype(np.int64)]
    label = join(sums[sample], counts[sample])
    size = int(label.max()) + 1
    if size < LEAST_COHORT:
        return np.full_like(result, -SMALL * most_bonus)
    totals, numbers = np.zeros((size, sums.shape[1]), dtype=np.float32), np.zeros(size)
    np.add.at(totals, label, sums[sample])
    np.add.at(numbers, label, counts[sample])
    cohort = totals / numbers[:, None].astype(np.float32)
    last = SKIPPED + max(LEAST_STRANGERS, round(STRANGERS * len(sample) / len(filled)))
    for start in range(0, len(filled), 2048):
        rows = filled[start : start + 2048]
        similar = (sums[rows] / np.asarray(counts)[rows, None].astype(np.float32)) @ cohort.T
        nearest = np.partition(similar, (size - last, size - SKIPPED), axis=1)[:, size - last : size - SKIPPED]
        result[rows] = weight * (usual - (1 - nearest.mean(axis=1)))
    return np.maximum(result, np.float32(-most_bonus))
