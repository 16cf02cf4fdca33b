"""Is this the person they say? One photo against all references of one person. Never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facelib.errors import InputError, PhotoError
from facelib.model_zoo import registry
from facelib.model_zoo.registry import ModelCard
from facelib.photos.decode import decode
from facelib.store import enroll, observations
from facelib.store.dictionary import dictionary
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds
from facelib.vision.observer import Observer

DEFAULT_FAR = 1e-3


@dataclass(frozen=True)
class Verified:
    """How a comparison ended.

    Attributes
    ----------
    distance : float or None
        Cosine distance of the nearest pair of a reliable face of the photo and a reference; None where there is no such face.
    threshold : float
        Same below or at it.
    faces : int
        Reliable faces in the photo.
    why : str
        What kept it from being compared; empty where it was.
    """

    same: bool
    distance: float | None
    threshold: float
    faces: int
    why: str = ""


def references(gallery: Gallery, person_id: int, model: str) -> np.ndarray:
    """The embeddings a person is known by: of the photos enrolled, else the exemplars of the clusters.

    Returns
    -------
    ndarray of shape (n, d), float32, rows of unit length; n is 0 where the model in use has seen none
    """
    wanted = enroll.references(gallery, person_id)
    if not wanted:
        known = dictionary(gallery, model)
        return known.faces[known.person == person_id]
    return observations.embeddings(gallery, "face", model, wanted)[1]


def threshold_of(text: str | None, card: ModelCard, thresholds: Thresholds) -> float:
    """The distance that ``far=1e-4``, ``0.3`` or nothing stands for; by default that of a false accept rate of 1e-3.

    Raises
    ------
    InputError
        If it is neither, or the card was not calibrated for that rate.
    """
    if text is None:
        return card.far_distances.get(DEFAULT_FAR, thresholds.likely_distance)
    word, equals, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if word == "far" and equals and value > 0:
        for rate, distance in card.far_distances.items():
            if abs(rate - value) < 1e-9:
                return distance
        known = ", ".join(f"far={rate:g}" for rate in card.far_distances)
        raise InputError(f"the model {card.name} is not calibrated for far={value:g}", f"known: {known or 'none; give a distance'}")
    if word or not 0 <= value <= 2:
        raise InputError(f"'{text}' is no threshold", "give a distance between 0 and 2, or a false accept rate as in far=1e-4")
    return value


def verify(known: np.ndarray, path: Path, models: Mapping[str, str], thresholds: Thresholds, threshold: float, device: str) -> Verified:
    """Compare every reliable face of a photo with every reference.

    Raises
    ------
    InputError
        If the photo cannot be read.
    """
    observer = Observer({task: models[task] for task in registry.TASKS}, thresholds, device)
    try:
        picture = decode(path, thresholds.working_side, thresholds.max_pixels)
    except PhotoError as error:
        raise InputError(f"{path} cannot be read: {error.detail}") from error
    seen = [sighting for sighting in observer.embed(picture, observer.detect(picture)) if sighting.face is not None]
    usable = [s for s in seen if s.face is not None and s.face.reliability >= thresholds.min_reliability]
    if not usable:
        why = "no face was found" if not seen else "no face is reliable enough to compare"
        return Verified(False, None, threshold, 0, why)
    faces = np.stack([s.face_embedding for s in usable if s.face_embedding is not None])
    distance = float(np.clip(1 - faces @ known.T, 0, 2).min())
    return Verified(distance <= threshold, distance, threshold, len(usable))
