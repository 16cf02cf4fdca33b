"""Rows of the store as the arrays that clustering and recognition work on."""

from __future__ import annotations

import numpy as np

from facelib.clustering.moments import cut_moments
from facelib.clustering.observations import Observations
from facelib.model_zoo import registry
from facelib.records import NO_ANCHOR, NO_CLUSTER, NO_PERSON
from facelib.stages.setup import Setup
from facelib.store import observations
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable


def arrays(gallery: Gallery, setup: Setup, rows: ObservationTable, subset: bool = False) -> Observations:
    """Rows of the store as the arrays that clustering works on; moments are cut among these rows.

    Parameters
    ----------
    subset : bool
        Whether the gallery has more observations than ``rows``; their embeddings are not read.
    """
    thresholds = setup.thresholds
    moment = cut_moments(rows.seconds, np.stack([rows.latitude, rows.longitude], axis=1), thresholds.moment_gap, thresholds.moment_jump)
    faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id, subset)
    bodies = vectors(gallery, "body", setup.card(registry.BODY_EMBEDDER), rows.id, subset)
    position = {int(number): row for row, number in enumerate(rows.id)}
    rejected = np.array([(position[int(o)], int(p)) for o, p in rows.not_person if int(o) in position], dtype=np.int64).reshape(-1, 2)
    # Observations of one cluster that the user gave one name stay together: each pair of a person and a cluster is an anchor.
    anchored = (rows.person != NO_PERSON) & (rows.cluster != NO_CLUSTER)
    anchor = np.full(len(rows.id), NO_ANCHOR, dtype=np.int64)
    pairs = np.stack([rows.person[anchored], rows.cluster[anchored]], axis=1)
    anchor[anchored] = np.unique(pairs, axis=0, return_inverse=True)[1].ravel() if len(pairs) else pairs[:, 0]
    return Observations(faces, bodies, rows.photo_id, moment, rows.reliability, rows.person, anchor, rejected)


def vectors(gallery: Gallery, kind: str, card: registry.ModelCard, ids: np.ndarray, subset: bool = False) -> np.ndarray:
    """Embeddings of observations.

    Parameters
    ----------
    kind : str
        ``"face"`` or ``"body"``.
    card : ModelCard
        Of the embedder.
    ids : ndarray of shape (n,), int64, ascending
    subset : bool
        Whether the gallery has more observations than ``ids``; their embeddings are not read.

    Returns
    -------
    ndarray of shape (n, card.dimension), float32, rows of unit length
        In the order of ``ids``; a row of zeros where there is no embedding by this model.
    """
    stored, rows = observations.embeddings(gallery, kind, card.digest, ids if subset else None)
    result = np.zeros((len(ids), card.dimension), dtype=np.float32)
    if len(stored):
        result[np.searchsorted(ids, stored)] = rows
    return result
