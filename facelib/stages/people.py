"""Which clusters are listed as people, and which are strangers, posters and guests of one moment: a part of the stage ``assign``."""

from __future__ import annotations

import numpy as np

from facelib.clustering import people
from facelib.clustering.cluster import sum_by
from facelib.clustering.moments import cut_moments
from facelib.clustering.people import COUNTS, REASONS, Occasions, judge, moments_of, occasions_of, spread, spread_across
from facelib.model_zoo import registry
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.store import clusters, incremental_queries, unlisted
from facelib.store.cluster_state import ClusterStates
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table

READS = tuple(sorted({*people.READS, "moment_gap", "moment_jump"}))


def choose(gallery: Gallery, setup: Setup, states: ClusterStates, changed: np.ndarray | None = None) -> None:
    """Judge all clusters, or those that ``changed``; named ones too, so that a name taken back leaves what it found.

    Reads sums rather than faces, and moments only of clusters so small that they matter: the cost follows what changed.
    """
    inside = (states.id >= 0) & (states.size >= setup.thresholds.min_cluster_size)
    asked = states.id[inside] if changed is None else np.intersect1d(states.id[inside], changed)
    ids, sums, counts = _sums(gallery, setup, asked)
    place = np.searchsorted(ids, asked)
    person = clusters.owners_of(gallery, ids)
    occasions = _occasions(gallery, setup, ids, sums, counts, place)
    found = judge(sums, counts, person, setup.thresholds, occasions, place)
    reasons = {int(c): REASONS[reason] for c, reason in zip(asked, found, strict=True) if reason != COUNTS}
    unlisted.put_unlisted(gallery, asked.tolist(), reasons, states.id.tolist())


def _sums(gallery: Gallery, setup: Setup, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids, sums and numbers of reliable faces of all clusters; what a correction left without a sum is summed up where asked for."""
    ids, sums, counts = clusters.sums(gallery)
    without = np.setdiff1d(asked, ids)
    if not len(without):
        return ids, sums, counts
    rows = table(gallery, incremental_queries.members(gallery, without))
    faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id, some=True)
    used = np.flatnonzero((rows.reliability >= setup.thresholds.min_reliability) & faces.any(axis=1))
    more, numbers = sum_by(faces[used], np.searchsorted(without, rows.cluster[used]), len(without))
    sums = np.concatenate([sums.reshape(-1, faces.shape[1]), more])
    order = np.argsort(np.concatenate([ids, without]))
    return np.concatenate([ids, without])[order], sums[order], np.concatenate([counts, numbers])[order]


def _occasions(gallery: Gallery, setup: Setup, ids: np.ndarray, sums: np.ndarray, counts: np.ndarray, place: np.ndarray) -> Occasions:
    """When the clusters at ``place`` are seen, as far as it matters: moments of small ones, and how alike faces are that may be one."""
    photos, seconds, places = incremental_queries.photo_times(gallery)
    moment = cut_moments(seconds, places, setup.thresholds.moment_gap, setup.thresholds.moment_jump)
    alike = spread(sums[place], counts[place]) < setup.thresholds.picture_distance
    few = counts[place] < setup.thresholds.moment_faces
    rows = table(gallery, incremental_queries.members(gallery, ids[place[few | alike]]))
    spot = np.minimum(np.searchsorted(photos, rows.photo_id), max(len(photos) - 1, 0))
    timed = np.isfinite(rows.seconds)
    occasion = occasions_of(np.where(timed, moment[spot], -1) if len(photos) else np.full(len(rows), -1), rows.photo_id)
    cluster = np.searchsorted(ids, rows.cluster)
    same = np.flatnonzero(np.isin(cluster, place[alike]) & (rows.reliability >= setup.thresholds.min_reliability))
    faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id[same], some=True)
    across = spread_across(faces, cluster[same], occasion[same], len(ids))
    return Occasions(moments_of(cluster, occasion, len(ids)), int(moment.max(initial=-1)) + 1, across)
