"""Verification: does a photo show a given person? Compares the photo with all references of the person. Never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facelib.errors import InputError
from facelib.look import look
from facelib.model_zoo import registry
from facelib.model_zoo.registry import ModelCard
from facelib.store import enroll, observations
from facelib.store.dictionary import dictionary
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds
from facelib.vision.observer import Observer

DEFAULT_FAR = 1e-3


@dataclass(frozen=True)
class Verification:
    """The result of a comparison.

    Attributes
    ----------
    distance : float or None
        Cosine distance of the nearest pair of a reliable face of the photo and a reference; None where there is no such face.
    threshold : float
        Greatest distance of the same person.
    faces : int
        Reliable faces in the photo.
    why : str
        Why nothing could be compared; empty otherwise.
    """

    same: bool
    distance: float | None
    threshold: float
    faces: int
    why: str = ""


def references(gallery: Gallery, person_id: int, model: str) -> np.ndarray:
    """The embeddings of a person: of the enrolled photos, else of the exemplars of the person's clusters.

    Returns
    -------
    ndarray of shape (n, d), float32, rows of unit length; n is 0 if there are none by the model in use
    """
    enrolled = enroll.reference_observations(gallery, person_id)
    if not enrolled:
        known = dictionary(gallery, model)
        return known.faces[known.person == person_id]
    return observations.embeddings(gallery, "face", model, enrolled)[1]


def threshold_of(text: str | None, card: ModelCard, thresholds: Thresholds) -> float:
    """The distance for ``far=1e-4`` (a false accept rate), ``0.3`` (a distance) or None (a false accept rate of 1e-3).

    Raises
    ------
    InputError
        If ``text`` is neither, or the card is not calibrated for that rate.
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
        raise InputError(f"'{text}' is not a threshold", "give a distance between 0 and 2, or a false accept rate as in far=1e-4")
    return value


def verify(known: np.ndarray, path: Path, models: Mapping[str, str], thresholds: Thresholds, threshold: float, device: str) -> Verification:
    """Compare each reliable face of a photo with each reference.

    Raises
    ------
    InputError
        If the photo cannot be analysed.
    """
    observer = Observer({task: models[task] for task in registry.TASKS}, thresholds, device)
    photo = look(path, observer, thresholds)
    if photo.error is not None:
        raise InputError(f"{path} cannot be compared: {photo.error.detail}") from photo.error
    with_face = [sighting for sighting in photo.sightings if sighting.face is not None]
    usable = [s for s in with_face if s.face is not None and s.face.reliability >= thresholds.min_reliability]
    if not usable:
        why = "no face was found" if not with_face else "no face is reliable enough to compare"
        return Verification(False, None, threshold, 0, why)
    faces = np.stack([s.face_embedding for s in usable if s.face_embedding is not None])
    distance = float(np.clip(1 - faces @ known.T, 0, 2).min())
    return Verification(distance <= threshold, distance, threshold, len(usable))
