"""The people in a photo and their embeddings: all models of a gallery together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from facelib.model_zoo import weights
from facelib.model_zoo.card import BODY_DETECTOR, BODY_EMBEDDER, FACE_DETECTOR, FACE_EMBEDDER, FACE_JUDGE, TASKS, ModelCard
from facelib.model_zoo.registry import card
from facelib.records import Picture, Sighting
from facelib.thresholds import Thresholds
from facelib.vision import loader
from facelib.vision.bodies import find_bodies
from facelib.vision.faces import find_faces
from facelib.vision.protocols import BodyDetector, BodyEmbedder, FaceDetector, FaceEmbedder, FaceJudge

BATCH = 32
T = TypeVar("T")


class Observer:
    """The models of a gallery, each loaded when it is first needed.

    Parameters
    ----------
    models : mapping of str to str
        The card's name for each task of :data:`facelib.model_zoo.card.TASKS`; only those a call needs are read.
    thresholds : Thresholds
    device : str
        As for :func:`facelib.vision.device.choose`.
    threads : int or None
        Threads of one inference; None: as many as the libraries take by themselves.
    """

    def __init__(self, models: Mapping[str, str], thresholds: Thresholds, device: str = "auto", threads: int | None = None) -> None:
        self._models = dict(models)
        self._thresholds = thresholds
        self._device = device
        self._threads = threads

    @cached_property
    def _face_detector(self) -> FaceDetector:
        return loader.load_face_detector(self._models[FACE_DETECTOR], self._device, self._threads)

    @cached_property
    def _face_judge(self) -> FaceJudge:
        return loader.load_face_judge(self._models[FACE_JUDGE], self._device, self._threads)

    @cached_property
    def _body_detector(self) -> BodyDetector:
        return loader.load_body_detector(self._models[BODY_DETECTOR], self._device, self._threads)

    @cached_property
    def _face_embedder(self) -> FaceEmbedder:
        return loader.load_face_embedder(self._models[FACE_EMBEDDER], self._device, self._threads)

    @cached_property
    def _body_embedder(self) -> BodyEmbedder:
        return loader.load_body_embedder(self._models[BODY_EMBEDDER], self._device, self._threads)

    def detect(self, picture: Picture) -> list[Sighting]:
        """All people in a photo, without embeddings: faces first, the largest first; then persons without a face.

        Raises
        ------
        WeightsError
            If the weights or the runtime of a detector or of the judge are missing.
        """
        faces = find_faces(self._face_detector, picture, self._thresholds)
        if faces:
            faces = self._face_judge.judge(picture, faces)
        return [Sighting(face, body) for face, body in find_bodies(self._body_detector, picture, faces, self._thresholds)]

    def embed(self, picture: Picture, sightings: Sequence[Sighting]) -> list[Sighting]:
        """The same sightings in the same order, with an embedding for each face and each body they have.

        A face's reliability falls where the embedder trusts its own vector less.

        Raises
        ------
        WeightsError
            If the weights or the runtime of an embedder are missing.
        """
        from facelib.vision.crops import body_crops, face_chips

        scale = np.array(picture.scale)
        faces: dict[int, np.ndarray] = {k: s.face.landmarks / scale for k, s in enumerate(sightings) if s.face is not None}
        bodies: dict[int, np.ndarray] = {k: np.array(s.body.box) / np.tile(scale, 2) for k, s in enumerate(sightings) if s.body is not None}
        face_card, body_card = card(self._models[FACE_EMBEDDER]), card(self._models[BODY_EMBEDDER])

        def chips(points: np.ndarray) -> np.ndarray:
            return face_chips(picture.pixels, points, face_card.template or (), face_card.input_size)

        def crops(boxes: np.ndarray) -> np.ndarray:
            return body_crops(picture.pixels, boxes, body_card.input_size)

        def with_reliability(points: np.ndarray) -> list[tuple[np.ndarray, float]]:
            vectors, reliability = self._face_embedder.observe(chips(points))
            return list(zip(vectors, [1.0] * len(vectors) if reliability is None else reliability.tolist()))

        face_rows = _embedded(faces, with_reliability)
        body_rows = _embedded(bodies, lambda boxes: list(self._body_embedder.embed(crops(boxes))))
        return [_with_vectors(s, face_rows.get(k), body_rows.get(k)) for k, s in enumerate(sightings)]


def _embedded(positions: Mapping[int, np.ndarray], embed: Callable[[np.ndarray], list[T]]) -> dict[int, T]:
    """Cut and embed a batch at a time, so that a crowd needs no more memory than a few people."""
    keys = list(positions)
    rows: dict[int, T] = {}
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        rows.update(zip(batch, embed(np.stack([positions[key] for key in batch]))))
    return rows


def _with_vectors(sighting: Sighting, face_row: tuple[np.ndarray, float] | None, body: np.ndarray | None) -> Sighting:
    """The sighting with its embeddings; a face gets the lower reliability of two: the detector's view of it, and the embedder's."""
    if face_row is None or sighting.face is None:
        return replace(sighting, face_embedding=None, body_embedding=body)
    vector, reliability = face_row
    face = replace(sighting.face, reliability=reliability) if reliability < sighting.face.reliability else sighting.face
    return replace(sighting, face=face, face_embedding=vector, body_embedding=body)


def missing(models: Mapping[str, str]) -> list[ModelCard]:
    """The cards among a gallery's models that cannot run: weights absent or damaged, or runtime not installed. Loads no network."""
    cards = [card(models[task]) for task in TASKS if task in models]
    return [each for each in cards if weights.state(each) != weights.READY]
