"""Sums of the reliable faces of clusters, as linkage, the list of people and suggestions measure clusters."""

from __future__ import annotations

import numpy as np

from facelib.clustering.sums import sum_by_label
from facelib.model_zoo.registry import ModelCard
from facelib.stages.rows import vectors
from facelib.store import clusters, incremental_queries
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table


def read_sums(gallery: Gallery, card: ModelCard, min_reliability: float, needed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The sums that clusterings have stored, and those of ``needed`` clusters that a correction has left without one.

    Parameters
    ----------
    gallery : Gallery
    card : ModelCard
        Of the face embedder; stored sums of another dimension are ignored.
    min_reliability : float
        Faces below are not summed.
    needed : ndarray of shape (k,), int64, ascending
        Cluster ids. Those without a stored sum are summed from their members, at a cost of their faces.

    Returns
    -------
    ids : ndarray of shape (n,), int64, ascending
        All clusters with a stored sum, and all that are needed.
    sums : ndarray of shape (n, d), float32
    counts : ndarray of shape (n,), int64
    """
    ids, sums, counts = clusters.sums(gallery)
    if not len(ids) or sums.shape[1] != card.dimension:
        ids, sums, counts = ids[:0], np.empty((0, card.dimension), dtype=np.float32), counts[:0]
    without = np.setdiff1d(needed, ids)
    if not len(without):
        return ids, sums, counts
    rows = table(gallery, incremental_queries.members(gallery, without))
    faces = vectors(gallery, "face", card, rows.id, subset=True)
    reliable = np.flatnonzero((rows.reliability >= np.float32(min_reliability)) & faces.any(axis=1))
    more, numbers = sum_by_label(faces[reliable], np.searchsorted(without, rows.cluster[reliable]), len(without))
    order = np.argsort(np.concatenate([ids, without]))
    return np.concatenate([ids, without])[order], np.concatenate([sums, more])[order], np.concatenate([counts, numbers])[order]
