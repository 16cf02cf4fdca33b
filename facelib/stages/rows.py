"""Rows of the store as the arrays that clustering works on."""

from __future__ import annotations

import numpy as np

from facelib.clustering.moments import cut_moments
from facelib.clustering.observations import Observations
from facelib.model_zoo import registry
from facelib.records import NO_ANCHOR
from facelib.stages.setup import Setup
from facelib.store import observations
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable


def arrays(gallery: Gallery, setup: Setup, rows: ObservationTable, subset: bool = False) -> Observations:
    """Rows of the store as observations; moments are cut among these rows, which are all of the gallery or a ``subset``."""
    thresholds = setup.thresholds
    moment = cut_moments(rows.seconds, np.stack([rows.latitude, rows.longitude], axis=1), thresholds.moment_gap, thresholds.moment_jump)
    faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id, subset)
    bodies = vectors(gallery, "body", setup.card(registry.BODY_EMBEDDER), rows.id, subset)
    position = {int(number): row for row, number in enumerate(rows.id)}
    rejected = np.array([(position[int(o)], int(p)) for o, p in rows.not_person if int(o) in position], dtype=np.int64).reshape(-1, 2)
    # Observations that were named together stay together: one anchor for each person and the cluster they were named in.
    anchored = (rows.person >= 0) & (rows.cluster >= 0)
    anchor = np.full(len(rows.id), NO_ANCHOR, dtype=np.int64)
    pairs = np.stack([rows.person[anchored], rows.cluster[anchored]], axis=1)
    anchor[anchored] = np.unique(pairs, axis=0, return_inverse=True)[1].ravel() if len(pairs) else pairs[:, 0]
    return Observations(faces, bodies, rows.photo_id, moment, rows.reliability, rows.person, anchor, rejected)


def vectors(gallery: Gallery, kind: str, card: registry.ModelCard, ids: np.ndarray, subset: bool = False) -> np.ndarray:
    """Embeddings in the order of ``ids``, a row of zeros where there is none: shape (n, dimension), float32.

    Where ``ids`` are a ``subset`` of those in the gallery, the others are not read.
    """
    found, rows = observations.embeddings(gallery, kind, card.digest, ids if subset else None)
    result = np.zeros((len(ids), card.dimension), dtype=np.float32)
    if len(found):
        result[np.searchsorted(ids, found)] = rows
    return result
