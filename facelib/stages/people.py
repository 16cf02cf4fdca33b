"""Which clusters are listed as people, and which are strangers, posters or guests of one moment: the last step of ``assign``."""

from __future__ import annotations

import numpy as np

from facelib.clustering import people
from facelib.clustering.moments import cut_moments
from facelib.clustering.people import (
    LISTED,
    REASONS,
    Occasions,
    count_occasions,
    distance_across_occasions,
    occasion_labels,
    unlisted_reasons,
)
from facelib.clustering.sums import intra_distances
from facelib.model_zoo import registry
from facelib.records import NO_MOMENT
from facelib.stages.cluster_sums import read_sums
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.store import clusters, incremental_queries, unlisted
from facelib.store.cluster_state import ClusterStates
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table

READS = tuple(sorted({*people.READS, "moment_gap", "moment_jump"}))


def update_unlisted(gallery: Gallery, setup: Setup, states: ClusterStates, changed: np.ndarray | None = None) -> None:
    """Store why clusters are not listed: of all clusters, or of those that ``changed``, ndarray of shape (k,), int64.

    Named clusters get a reason too, so that they need no new one when a name is undone. Sums are read instead of faces, and moments
    only of small clusters, because only these may need them: the cost follows what changed.
    """
    large = (states.id >= 0) & (states.size >= setup.thresholds.min_cluster_size)
    judged = states.id[large] if changed is None else np.intersect1d(states.id[large], changed)
    card = setup.card(registry.FACE_EMBEDDER)
    ids, sums, counts = read_sums(gallery, card, setup.thresholds.min_reliability, judged)
    subset = np.searchsorted(ids, judged)
    occasions = _occasions(gallery, setup, ids, sums, counts, subset)
    number = unlisted_reasons(sums, counts, clusters.owners_of(gallery, ids), setup.thresholds, occasions, subset)
    reasons = {int(c): REASONS[reason] for c, reason in zip(judged, number, strict=True) if reason != LISTED}
    unlisted.put_unlisted(gallery, judged.tolist(), reasons, states.id.tolist())


def _occasions(gallery: Gallery, setup: Setup, ids: np.ndarray, sums: np.ndarray, counts: np.ndarray, subset: np.ndarray) -> Occasions:
    """When the clusters of the subset are seen: moments of small clusters, and distances across occasions of very narrow ones."""
    photos, seconds, places = incremental_queries.photo_times(gallery)
    moment = cut_moments(seconds, places, setup.thresholds.moment_gap, setup.thresholds.moment_jump)
    narrow = intra_distances(sums[subset], counts[subset]) < setup.thresholds.picture_distance
    few = counts[subset] < setup.thresholds.moment_faces
    rows = table(gallery, incremental_queries.members(gallery, ids[subset[few | narrow]]))
    index = np.minimum(np.searchsorted(photos, rows.photo_id), max(len(photos) - 1, 0))
    timed = np.isfinite(rows.seconds)
    moment_of_row = np.where(timed, moment[index], NO_MOMENT) if len(photos) else np.full(len(rows), NO_MOMENT)
    occasion = occasion_labels(moment_of_row, rows.photo_id)
    cluster = np.searchsorted(ids, rows.cluster)
    same = np.flatnonzero(np.isin(cluster, subset[narrow]) & (rows.reliability >= setup.thresholds.min_reliability))
    faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id[same], subset=True)
    across = distance_across_occasions(faces, cluster[same], occasion[same], len(ids))
    return Occasions(count_occasions(cluster, occasion, len(ids)), int(moment.max(initial=-1)) + 1, across)
