"""Clustering only what is new into the clusters there are, at a cost that follows what is new and not the library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.incremental import ClusterSums, Extension, extend
from facelib.clustering.moments import cut_moments
from facelib.clustering.observations import Observations
from facelib.model_zoo import registry
from facelib.stages.rows import arrays
from facelib.stages.setup import Setup
from facelib.store import clusters, incremental_queries
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table

POOL_PER_NEW, LEAST_POOL = 2, 500
"""How many waiting faces are looked at again: so many for each new observation, but at least this many."""


@dataclass(frozen=True, eq=False)
class Known:
    """The clusters there are: their ids, in the order of the rows of ``sums``."""

    ids: np.ndarray
    sums: ClusterSums


def run(gallery: Gallery, setup: Setup) -> int:
    """Cluster what no clustering has seen yet, in one transaction of the caller; returns how many clusters there are then."""
    new = incremental_queries.unseen(gallery)
    waiting = incremental_queries.pool(gallery, max(LEAST_POOL, POOL_PER_NEW * len(new)))
    # Those in the pool are offered with all of their photos: nobody is twice in one cluster.
    near = np.union1d(photos_beside(gallery, setup, new), incremental_queries.photos_of(gallery, waiting))
    beside = incremental_queries.observations_of(gallery, near)
    rows = table(gallery, np.union1d(np.union1d(new, waiting), beside))
    observations = arrays(gallery, setup, rows, some=True)
    known = known_clusters(gallery, setup)
    current = np.where(rows.cluster >= 0, np.searchsorted(known.ids, rows.cluster), -1)
    result = extend(observations, current, known.sums, setup.thresholds)
    m = len(known.ids)
    fresh = max(0, int(result.clusters.max(initial=-1)) + 1 - m)
    ids = np.concatenate([known.ids, clusters.reserve_cluster_ids(gallery, fresh) + np.arange(fresh)]).astype(np.int64)
    _write(gallery, rows, result, ids)
    touched = np.unique(np.concatenate([result.clusters[(result.clusters >= 0) & (current < 0)], result.became[_gone(result)]]))
    sums, counts = _sums_after(observations, current, known.sums, result, len(ids), setup)
    clusters.put_sums(gallery, ids[touched], sums[touched], counts[touched])
    clusters.set_owners(gallery, ids[touched].tolist())
    return len(ids) - len(_gone(result))


def photos_beside(gallery: Gallery, setup: Setup, observations: np.ndarray) -> np.ndarray:
    """The photos of these observations, and all others of their moments: ndarray of shape (n,), int64."""
    own = incremental_queries.photos_of(gallery, observations)
    photos, seconds, places = incremental_queries.photo_times(gallery)
    moment = cut_moments(seconds, places, setup.thresholds.moment_gap, setup.thresholds.moment_jump)
    return np.union1d(own, photos[np.isin(moment, moment[np.isin(photos, own)])])


def known_clusters(gallery: Gallery, setup: Setup) -> Known:
    """All clusters as linkage sees them; what corrections left without a sum is summed up again."""
    ids, stale = incremental_queries.all_clusters(gallery)
    kept, sums, counts = clusters.sums(gallery)
    dimension = setup.card(registry.FACE_EMBEDDER).dimension
    every, numbers = np.zeros((len(ids), dimension), dtype=np.float32), np.zeros(len(ids), dtype=np.int64)
    place = np.searchsorted(ids, kept)
    if len(kept):
        every[place], numbers[place] = sums, counts
    if stale.any():
        rows = table(gallery, incremental_queries.members(gallery, ids[stale]))
        of_row = np.searchsorted(ids, rows.cluster)
        again = ClusterSums.of(arrays(gallery, setup, rows, some=True), of_row, len(ids), setup.thresholds)
        every[stale], numbers[stale] = again.sums[stale], again.counts[stale]
    person = clusters.owners_of(gallery, ids)
    photos, rejected = incremental_queries.cluster_photos(gallery), incremental_queries.cluster_rejections(gallery)
    for pairs in (photos, rejected):
        pairs[:, 0] = np.searchsorted(ids, pairs[:, 0])
    return Known(ids, ClusterSums(every, numbers, person, photos, rejected))


def _gone(result: Extension) -> np.ndarray:
    return np.flatnonzero(result.became != np.arange(len(result.became)))


def _write(gallery: Gallery, rows: ObservationTable, result: Extension, ids: np.ndarray) -> None:
    first = clusters.reserve_group_ids(gallery, int(result.groups.max(initial=-1)) + 1)
    gone = _gone(result)
    incremental_queries.join(gallery, zip(ids[gone].tolist(), ids[result.became[gone]].tolist(), strict=True))
    placed = np.where(result.clusters >= 0, np.append(ids, -1)[result.clusters], -1)
    clusters.put_clustering(gallery, rows.id, first + result.groups, placed)


def _sums_after(
    observations: Observations, current: np.ndarray, known: ClusterSums, result: Extension, m: int, setup: Setup
) -> tuple[np.ndarray, np.ndarray]:
    """Sums and numbers of the reliable faces of ``m`` clusters after the extension."""
    added = ClusterSums.of(observations, np.where(current < 0, result.clusters, -1), m, setup.thresholds)
    sums, counts = added.sums.copy(), added.counts.copy()
    np.add.at(sums, result.became, known.sums)
    np.add.at(counts, result.became, known.counts)
    return sums, counts
