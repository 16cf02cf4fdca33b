"""Who is to be seen in a photo, and what they look like in numbers: detectors and embedders in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from facelib.model_zoo import weights
from facelib.model_zoo.registry import BODY_DETECTOR, BODY_EMBEDDER, FACE_DETECTOR, FACE_EMBEDDER, FACE_JUDGE, TASKS, ModelCard, card
from facelib.records import Picture, Sighting
from facelib.thresholds import Thresholds
from facelib.vision.bodies import BodyDetector, find_bodies, load_body_detector
from facelib.vision.faces import FaceDetector, find_faces, load_face_detector
from facelib.vision.judge import FaceJudge, load_judge

if TYPE_CHECKING:
    from facelib.vision.embedders import Embedder, FaceEmbedder

BATCH = 32
T = TypeVar("T")


class Observer:
    """The models of a gallery, each loaded when it is first needed.

    Parameters
    ----------
    models : mapping of str to str
        The card's name for each task of :data:`facelib.model_zoo.registry.TASKS`; only those a call needs are read.
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
    def _faces(self) -> FaceDetector:
        return load_face_detector(self._models[FACE_DETECTOR], self._device, self._threads)

    @cached_property
    def _judge(self) -> FaceJudge | None:
        return load_judge(self._models[FACE_JUDGE], self._device, self._threads)

    @cached_property
    def _bodies(self) -> BodyDetector | None:
        return load_body_detector(self._models[BODY_DETECTOR], self._device, self._threads)

    @cached_property
    def _face_embedder(self) -> FaceEmbedder:
        from facelib.vision.embedders import load_face_embedder

        return load_face_embedder(self._models[FACE_EMBEDDER], self._device, self._threads)

    @cached_property
    def _body_embedder(self) -> Embedder:
        from facelib.vision.embedders import load_body_embedder

        return load_body_embedder(self._models[BODY_EMBEDDER], self._device, self._threads)

    def detect(self, picture: Picture) -> list[Sighting]:
        """Everybody in a photo, without embeddings: faces first, the largest first; then persons without a face.

        Raises
        ------
        WeightsError
            If the weights or the runtime of a detector or of the judge are missing.
        """
        faces = find_faces(self._faces, picture, self._thresholds)
        if faces and self._judge:
            faces = self._judge.judge(picture, faces)
        return [Sighting(face, body) for face, body in find_bodies(self._bodies, picture, faces, self._thresholds)]

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

        def seen_faces(points: np.ndarray) -> list[tuple[np.ndarray, float]]:
            vectors, trust = self._face_embedder.observe(chips(points))
            return list(zip(vectors, [1.0] * len(vectors) if trust is None else trust.tolist()))

        face_rows = _embedded(faces, seen_faces)
        body_rows = _embedded(bodies, lambda boxes: list(self._body_embedder.embed(crops(boxes))))
        return [_with_vectors(s, face_rows.get(k), body_rows.get(k)) for k, s in enumerate(sightings)]


def _embedded(places: Mapping[int, np.ndarray], embed: Callable[[np.ndarray], list[T]]) -> dict[int, T]:
    """Cut and embed a batch at a time, so that a crowd needs no more memory than a few people."""
    keys = list(places)
    rows: dict[int, T] = {}
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        rows.update(zip(batch, embed(np.stack([places[key] for key in batch]))))
    return rows


def _with_vectors(sighting: Sighting, seen: tuple[np.ndarray, float] | None, body: np.ndarray | None) -> Sighting:
    """A face is as reliable as the more doubtful of those who judge it: the detector's view of it, and the embedder's."""
    if seen is None or sighting.face is None:
        return replace(sighting, face_embedding=None, body_embedding=body)
    vector, trust = seen
    face = replace(sighting.face, reliability=trust) if trust < sighting.face.reliability else sighting.face
    return replace(sighting, face=face, face_embedding=vector, body_embedding=body)


def missing(models: Mapping[str, str]) -> list[ModelCard]:
    """The cards among a gallery's models that cannot run: weights absent or damaged, or runtime not installed. Loads no network."""
    cards = [card(models[task]) for task in TASKS if task in models]
    return [found for found in cards if weights.state(found) != weights.READY]
