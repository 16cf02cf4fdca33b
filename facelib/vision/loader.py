"""Load models by name: the card says which files, the module in ``facelib/vision/zoo`` how to run them.

A module of the zoo is named like its model, with underscores, and is imported only when its model is loaded. It has

``load(card, files, device, threads)``
    The model, ready to run; it implements the protocol of its task in :mod:`facelib.vision.protocols`. ``files`` maps the roles of
    ``card.files`` to checked paths; ``device`` and ``threads`` are those of :func:`load_face_embedder`.
``convert(published, target)``
    Only where a file of the card has ``kept_as``: reads the published file and writes the form to keep.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from facelib.model_zoo import registry, weights
from facelib.model_zoo.card import BODY_DETECTOR, BODY_EMBEDDER, FACE_DETECTOR, FACE_EMBEDDER, FACE_JUDGE, ModelCard
from facelib.model_zoo.conversion import Converter
from facelib.vision.protocols import BodyDetector, BodyEmbedder, FaceDetector, FaceEmbedder, FaceJudge

_ZOO = "facelib.vision.zoo"


def load_face_detector(name: str, device: str = "auto", threads: int | None = None) -> FaceDetector:
    """The face detector of that name; parameters and errors as for :func:`load_face_embedder`."""
    detector: FaceDetector = _load(name, FACE_DETECTOR, device, threads)
    return detector


def load_body_detector(name: str, device: str = "auto", threads: int | None = None) -> BodyDetector:
    """The body detector of that name; parameters and errors as for :func:`load_face_embedder`."""
    detector: BodyDetector = _load(name, BODY_DETECTOR, device, threads)
    return detector


def load_face_embedder(name: str, device: str = "auto", threads: int | None = None) -> FaceEmbedder:
    """The face embedder of that name, its weights checked.

    Parameters
    ----------
    device : str
        As for :func:`facelib.vision.device.choose`; networks that do not run on torch always use the CPU.
    threads : int or None
        Threads of one inference; None: as many as the library takes by itself.

    Raises
    ------
    InputError
        If there is no face embedder of that name, or no such device.
    WeightsError
        If its weights are missing or wrong, or its runtime is not installed.
    """
    embedder: FaceEmbedder = _load(name, FACE_EMBEDDER, device, threads)
    return embedder


def load_body_embedder(name: str, device: str = "auto", threads: int | None = None) -> BodyEmbedder:
    """The body embedder of that name; parameters and errors as for :func:`load_face_embedder`."""
    embedder: BodyEmbedder = _load(name, BODY_EMBEDDER, device, threads)
    return embedder


def load_face_judge(name: str, device: str = "auto", threads: int | None = None) -> FaceJudge:
    """The face judge of that name; parameters and errors as for :func:`load_face_embedder`."""
    judge: FaceJudge = _load(name, FACE_JUDGE, device, threads)
    return judge


def converter_of(card: ModelCard) -> Converter | None:
    """What converts a published file of the model to the form that is kept; None where no file is converted."""
    if not any(file.kept_as for file in card.files.values()):
        return None
    converter: Converter = module_of(card).convert
    return converter


def module_of(card: ModelCard) -> ModuleType:
    """The module of a model, imported."""
    return importlib.import_module(f"{_ZOO}.{card.name.replace('-', '_')}")


def _load(name: str, task: str, device: str, threads: int | None) -> Any:
    card = registry.card_for(name, task)
    weights.require_runtime(card)
    return module_of(card).load(card, weights.find(card), device, threads)
