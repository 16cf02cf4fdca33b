"""Incremental clustering of a gallery: only what is new, at a cost that follows what is new and not the library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.incremental import ExistingClusters, IncrementalClustering, cluster_new
from facelib.clustering.moments import cut_moments
from facelib.clustering.observations import Observations
from facelib.clustering.sums import merge_sums
from facelib.model_zoo import registry
from facelib.records import NO_CLUSTER
from facelib.stages.cluster_sums import read_sums
from facelib.stages.rows import arrays
from facelib.stages.setup import Setup
from facelib.store import clusters, incremental_queries
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table

POOL_PER_NEW, MIN_POOL = 2, 500
"""Faces of the pool that are clustered again: so many for each new observation, but at least this many."""


@dataclass(frozen=True, eq=False)
class GalleryClusters:
    """The clusters of a gallery: ``ids`` in the order of the rows of ``clusters``."""

    ids: np.ndarray
    clusters: ExistingClusters


def run(gallery: Gallery, setup: Setup) -> int:
    """Cluster the observations that are new, in a transaction of the caller; returns the number of clusters afterwards."""
    new = incremental_queries.unseen(gallery)
    pool = incremental_queries.pool(gallery, max(MIN_POOL, POOL_PER_NEW * len(new)))
    # Faces of the pool come with all observations of their photos, because no person is twice in one photo.
    photos = np.union1d(photos_of_moments(gallery, setup, new), incremental_queries.photos_of(gallery, pool))
    context = incremental_queries.observations_of(gallery, photos)
    rows = table(gallery, np.union1d(np.union1d(new, pool), context))
    observations = arrays(gallery, setup, rows, subset=True)
    existing = existing_clusters(gallery, setup)
    current = np.where(rows.cluster >= 0, np.searchsorted(existing.ids, rows.cluster), NO_CLUSTER)
    result = cluster_new(observations, current, existing.clusters, setup.thresholds)
    m = len(existing.ids)
    started = max(0, int(result.clusters.max(initial=-1)) + 1 - m)
    ids = np.concatenate([existing.ids, clusters.reserve_cluster_ids(gallery, started) + np.arange(started)]).astype(np.int64)
    _write(gallery, rows, result, ids)
    joined = result.clusters[(result.clusters >= 0) & (current < 0)]
    changed = np.unique(np.concatenate([joined, result.merged_into[_merged(result)]]))
    sums, counts = _sums_after(observations, current, existing.clusters, result, len(ids), setup)
    clusters.put_sums(gallery, ids[changed], sums[changed], counts[changed])
    clusters.set_owners(gallery, ids[changed].tolist())
    return len(ids) - len(_merged(result))


def photos_of_moments(gallery: Gallery, setup: Setup, observations: np.ndarray) -> np.ndarray:
    """The photos of these observations, and all others of their moments: ndarray of shape (n,), int64."""
    own = incremental_queries.photos_of(gallery, observations)
    photos, seconds, places = incremental_queries.photo_times(gallery)
    moment = cut_moments(seconds, places, setup.thresholds.moment_gap, setup.thresholds.moment_jump)
    return np.union1d(own, photos[np.isin(moment, moment[np.isin(photos, own)])])


def existing_clusters(gallery: Gallery, setup: Setup) -> GalleryClusters:
    """All clusters as linkage sees them."""
    ids = incremental_queries.all_clusters(gallery)
    _, sums, counts = read_sums(gallery, setup.card(registry.FACE_EMBEDDER), setup.thresholds.min_reliability, ids)
    photos, rejected = incremental_queries.cluster_photos(gallery), incremental_queries.cluster_rejections(gallery)
    for pairs in (photos, rejected):
        pairs[:, 0] = np.searchsorted(ids, pairs[:, 0])
    return GalleryClusters(ids, ExistingClusters(sums, counts, clusters.owners_of(gallery, ids), photos, rejected))


def _merged(result: IncrementalClustering) -> np.ndarray:
    """The existing clusters that were joined to others."""
    return np.flatnonzero(result.merged_into != np.arange(len(result.merged_into)))


def _write(gallery: Gallery, rows: ObservationTable, result: IncrementalClustering, ids: np.ndarray) -> None:
    first = clusters.reserve_group_ids(gallery, int(result.groups.max(initial=-1)) + 1)
    merged = _merged(result)
    incremental_queries.join(gallery, zip(ids[merged].tolist(), ids[result.merged_into[merged]].tolist(), strict=True))
    cluster = np.where(result.clusters >= 0, np.append(ids, NO_CLUSTER)[result.clusters], NO_CLUSTER)
    clusters.put_clustering(gallery, rows.id, first + result.groups, cluster)


def _sums_after(
    observations: Observations, current: np.ndarray, existing: ExistingClusters, result: IncrementalClustering, m: int, setup: Setup
) -> tuple[np.ndarray, np.ndarray]:
    """Sums and counts of the reliable faces of ``m`` clusters after the run."""
    added = ExistingClusters.of(observations, np.where(current < 0, result.clusters, NO_CLUSTER), m, setup.thresholds)
    sums, counts = np.concatenate([added.sums, existing.sums]), np.concatenate([added.counts, existing.counts])
    return merge_sums(sums, counts, np.concatenate([np.arange(m), result.merged_into]), m)
