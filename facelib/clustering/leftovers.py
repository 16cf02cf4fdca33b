"""Assignment of leftovers: rows to which linkage gave no cluster join the nearest one that they may join."""

from __future__ import annotations

import numpy as np

from facelib.clustering.constraints import Constraints
from facelib.clustering.observations import Observations
from facelib.clustering.sums import mean_vectors

_BLOCK = 256
_OFFERS = 8
"""Nearest clusters a row may try: the first may hold another face of its photo."""
_FARTHEST = 2
"""The greatest cosine distance. It stands where none can be measured: for a row without a face, and a cluster without a reliable one."""


def assign_leftovers(
    observations: Observations,
    clusters: np.ndarray,
    cluster_sums: tuple[np.ndarray, np.ndarray],
    constraints: Constraints,
    cannot_link: np.ndarray,
    thresholds: np.ndarray,
) -> np.ndarray:
    """Assign rows without a cluster to the nearest cluster below its threshold, the nearest rows first.

    A row that was given to a person joins the nearest cluster of that person, at any distance.

    Parameters
    ----------
    observations : Observations
    clusters : ndarray of shape (n,), int64
        Indices below m; ``NO_CLUSTER`` for none.
    cluster_sums : (ndarray of shape (m, d), ndarray of shape (m,))
        Sums and counts of the faces the clusters are measured by. Rows that join are not added, so none changes a distance.
    constraints : Constraints
        Of the clusters; its ``cannot_link`` is not read.
    cannot_link : ndarray of shape (k, 2), int64
        Pairs of rows never in one cluster.
    thresholds : ndarray of shape (m,)
        Mean distance to each cluster below which a row may join it.

    Returns
    -------
    ndarray of shape (n,), int64
        Rows given to a person who has no cluster start new ones, m and above.
    """
    sums, counts = cluster_sums
    m = len(sums)
    result = clusters.copy()
    waiting = np.flatnonzero((clusters < 0) & (observations.has_face | (observations.person >= 0)))
    if not len(waiting):
        return result
    barred: dict[int, list[int]] = {}
    for a, b in cannot_link[np.isin(cannot_link, waiting).any(axis=1)].tolist():
        barred.setdefault(a, []).append(b)
        barred.setdefault(b, []).append(a)
    offers: list[tuple[float, int, int]] = []
    for start in range(0, len(waiting) if m else 0, _BLOCK):
        offers.extend(_offers(observations, waiting[start : start + _BLOCK], sums, counts, constraints, thresholds))
    for _, row, cluster in sorted(offers):
        if result[row] < 0 and all(result[other] != cluster for other in barred.get(row, ())):
            result[row] = cluster
    left = np.flatnonzero((result < 0) & (observations.person >= 0))
    result[left] = m + np.arange(len(left))
    return result


def _offers(
    observations: Observations, rows: np.ndarray, sums: np.ndarray, counts: np.ndarray, constraints: Constraints, thresholds: np.ndarray
) -> list[tuple[float, int, int]]:
    """(distance, row, cluster) for the nearest few clusters that each of the rows may join."""
    distances = 1 - observations.faces[rows] @ mean_vectors(sums, counts).T
    distances[:, counts == 0] = _FARTHEST
    distances[~observations.has_face[rows]] = _FARTHEST
    person = constraints.person[: len(sums)]
    given = observations.person[rows]
    near = np.where(given[:, None] >= 0, person[None] == given[:, None], distances < thresholds[None])
    refused = observations.rejected[np.isin(observations.rejected[:, 0], rows)]
    offers: list[tuple[float, int, int]] = []
    for k, row in enumerate(rows.tolist()):
        candidates = np.flatnonzero(near[k])
        not_these = refused[refused[:, 0] == row, 1]
        refusing = constraints.rejected[constraints.rejected[:, 1] == given[k], 0] if given[k] >= 0 else not_these[:0]
        candidates = candidates[~np.isin(person[candidates], not_these) & ~np.isin(candidates, refusing)]
        candidates = candidates[np.argsort(distances[k, candidates], kind="stable")][:_OFFERS]
        offers.extend((float(distances[k, cluster]), row, int(cluster)) for cluster in candidates)
    return offers
