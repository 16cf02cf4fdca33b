"""Cohort normalization of distances: where other people are near, distances are raised.

Children, old prints, and people unlike those a network was trained on share a narrow region of the sphere. And in a library of
thousands of strangers a look-alike is nearer than in that of one family. As in the score normalization of speaker verification
(Auckenthaler, Carey, Lloyd-Thomas 2000), a distance is compared with the distances to a cohort of others. The cohort is the
library's own clusters; each counts once, however many faces it holds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facelib.clustering.sums import mean_vectors, merge_sums

COHORT_NODES = 8000
"""Nodes that are sampled for the cohort, at most."""
MIN_COHORT = 16
"""Nodes, and clusters of the cohort, below which nothing is corrected."""
SKIPPED, STRANGERS = 3, 8
"""The nearest few of the cohort may be the same person and are skipped; the next eight are the nearest strangers. More would measure
the library and not the neighbourhood: among a few families, brothers and sisters are what matters."""

Linkage = Callable[[np.ndarray, np.ndarray], np.ndarray]


def cohort_penalties(sums: np.ndarray, counts: np.ndarray, expected: float, weight: float, linkage: Linkage) -> np.ndarray:
    """How much nearer to each node its nearest strangers are than expected.

    Parameters
    ----------
    sums : ndarray of shape (m, d), float32
        Sums of the unit vectors of each node.
    counts : ndarray of shape (m,), int64
        How many vectors each sum holds; nodes of 0 get 0.
    expected : float
        Mean distance to the nearest strangers at which nothing is corrected.
    weight : float
        Share of the difference that is corrected; 0: none.
    linkage : callable
        Clusters of a sample of nodes from their sums and counts, at a strict threshold, so that the cohort holds people rather
        than faces.

    Returns
    -------
    ndarray of shape (m,), float32
        The mean of the penalties of two nodes is to be added to their distance. Never negative: where no stranger is near, one
        may still come. 0 in a library too small to tell.
    """
    result = np.zeros(len(sums), dtype=np.float32)
    filled = np.flatnonzero(np.asarray(counts) > 0)
    if weight <= 0 or len(filled) < MIN_COHORT:
        return result
    sample = filled
    if len(filled) > COHORT_NODES:
        # Spread over the order of a coordinate, so that the order of the rows does not matter.
        order = filled[np.lexsort((sums[filled, 1 % sums.shape[1]], sums[filled, 0] / counts[filled]))]
        sample = order[np.linspace(0, len(order) - 1, COHORT_NODES).astype(np.int64)]
    label = linkage(sums[sample], counts[sample])
    size = int(label.max()) + 1
    if size < MIN_COHORT:
        return result
    cohort = mean_vectors(*merge_sums(np.asarray(sums, dtype=np.float32)[sample], counts[sample], label, size))
    last = SKIPPED + STRANGERS
    for start in range(0, len(filled), 2048):
        rows = filled[start : start + 2048]
        similar = (sums[rows] / np.asarray(counts)[rows, None].astype(np.float32)) @ cohort.T
        nearest = np.partition(similar, (size - last, size - SKIPPED), axis=1)[:, size - last : size - SKIPPED]
        result[rows] = weight * (expected - (1 - nearest.mean(axis=1)))
    return np.maximum(result, np.float32(0))
