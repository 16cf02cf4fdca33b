"""Storing a look at a photo in the gallery, as ``index`` and ``enroll`` both do it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facelib.look import Look
from facelib.model_zoo import registry
from facelib.stages.setup import Setup
from facelib.store import ledger, observations, photos
from facelib.store.gallery import Gallery

EMBEDDERS = {"face": registry.FACE_EMBEDDER, "body": registry.BODY_EMBEDDER}
"""For each kind of embedding the task of the model that makes it."""


def store_look(gallery: Gallery, setup: Setup, photo_id: int, seen: Look, ids: Sequence[int] | None = None) -> list[int]:
    """Store a look without an error: the picture's size and capture, the sightings with their embeddings, and the ledger rows.

    Parameters
    ----------
    photo_id : int
        The photo of the content ``seen.sha256``.
    ids : sequence of int, or None
        Ids of the observations whose sightings were given to the look, in the order of ``seen.sightings``: only embeddings are new.
        None: the sightings replace the observations of the photo.

    Returns
    -------
    list of int
        Ids of the observations, in the order of ``seen.sightings``.
    """
    with gallery.atomic():
        photos.set_picture(gallery, photo_id, seen.width, seen.height, seen.capture)
        if ids is None:
            ids = observations.replace_observations(gallery, photo_id, seen.sightings)
        for kind, task in EMBEDDERS.items():
            pairs = [(i, v) for i, s in zip(ids, seen.sightings, strict=True) if (v := getattr(s, f"{kind}_embedding")) is not None]
            if pairs:
                digest = setup.card(task).digest
                observations.put_embeddings(gallery, kind, digest, [i for i, _ in pairs], np.stack([v for _, v in pairs]))
        for stage, recipe in setup.photo_recipes().items():
            ledger.record(gallery, photo_id, stage, recipe)
        return list(ids)
