"""Embedders: pictures of one person in, unit vectors out, by the model card."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from facelib.log_odds import probability
from facelib.model_zoo import registry, weights
from facelib.model_zoo.registry import BODY_EMBEDDER, FACE_EMBEDDER, ModelCard
from facelib.vision.centering import Opening, read_centre, read_centres, unit_rows
from facelib.vision.fusion import Blend, read_blend
from facelib.vision.histogram import histograms
from facelib.vision.runtime import OpenvinoRuntime, Runtime

_BATCH = 32
_ODDS = 2
"""Numbers behind the vector of a network that tells how far it may be trusted, and whether there is a face."""


class Embedder(Protocol):
    """What the stages see of an embedder.

    Attributes
    ----------
    card : ModelCard
    """

    card: ModelCard

    def embed(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures of shape (n, h, w, 3), uint8, RGB, of the card's input size, to (n, card.dimension), float32, unit rows."""
        ...


class FaceEmbedder:
    """Aligned faces to unit vectors, and where the network tells, how far each may be trusted.

    Attributes
    ----------
    card : ModelCard
    runtime : Runtime
    opening : Opening or Blend
        What the vectors go through last.
    """

    def __init__(self, card: ModelCard, runtime: Runtime, opening: Opening | Blend | None = None) -> None:
        self.card = card
        self.runtime = runtime
        self.opening = opening or Opening()

    def embed(self, chips: np.ndarray) -> np.ndarray:
        """The vectors of :meth:`observe`."""
        return self.observe(chips)[0]

    def observe(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Unit vectors of faces: if the card says so the normalised mean with the mirror image's, opened where the model has an opening.

        Parameters
        ----------
        chips : ndarray of shape (n, height, width, 3), uint8, RGB
            Aligned to the card's template, of the card's input size.

        Returns
        -------
        vectors : ndarray of shape (n, card.dimension), float32, rows of unit length
        reliability : ndarray of shape (n,), float32, 0..1, or None
            How far each vector may be trusted; None where the network does not tell.
        """
        rows, odds = [], []
        for part in _batches(chips, self.card):
            views = [part, part[:, :, ::-1]] if self.card.mirrored else [part]
            found = self.runtime.run(np.concatenate(views)).reshape(len(views), len(part), -1)
            width = found.shape[2] - (_ODDS if self.card.reliability else 0)
            rows.append(self.opening.opened(unit_rows(np.sum([unit_rows(view[:, :width]) for view in found], axis=0))))
            odds.append(found[:, :, width:].mean(axis=0))
        vectors = _stacked(rows, self.card)
        if not self.card.reliability:
            return vectors, None
        logits = np.concatenate(odds)[:, 0] if odds else np.zeros(0, dtype=np.float32)
        return vectors, probability(logits).astype(np.float32)


class BodyEmbedder:
    """Upper-body crops to unit vectors, by a network."""

    def __init__(self, card: ModelCard, runtime: Runtime) -> None:
        self.card = card
        self._runtime = runtime

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Crops of shape (n, height, width, 3), uint8, RGB, to (n, card.dimension), float32, rows of unit length."""
        return _stacked([unit_rows(self._runtime.run(part)) for part in _batches(crops, self.card)], self.card)


class HistogramEmbedder:
    """Upper-body crops to unit vectors, by counting colours and edges."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Crops of shape (n, height, width, 3), uint8, RGB, to (n, card.dimension), float32, rows of unit length."""
        return _stacked([histograms(part) for part in _batches(crops, self.card)], self.card)


def load_face_embedder(name: str, device: str = "auto", threads: int | None = None) -> FaceEmbedder:
    """The face embedder of that name, its weights checked.

    Parameters
    ----------
    device : str
        As for :func:`facelib.vision.device.choose`; networks that run on OpenVINO always use the CPU.
    threads : int or None
        None: as many as the library takes by itself.

    Raises
    ------
    InputError
        If there is no face embedder of that name, or no such device.
    WeightsError
        If its weights are missing or wrong, or its runtime is not installed.
    """
    card = _card_for(name, FACE_EMBEDDER)
    paths = weights.find(card)
    return FaceEmbedder(card, _runtime(card, paths, device, threads), _opening(card, paths))


def load_body_embedder(name: str, device: str = "auto", threads: int | None = None) -> Embedder:
    """The body embedder of that name; parameters and errors as for :func:`load_face_embedder`."""
    card = _card_for(name, BODY_EMBEDDER)
    if card.runtime == "builtin":
        return HistogramEmbedder(card)
    return BodyEmbedder(card, _runtime(card, weights.find(card), device, threads))


def _card_for(name: str, task: str) -> ModelCard:
    card = registry.card_for(name, task)
    weights.need_runtime(card)
    return card


def _opening(card: ModelCard, paths: list[Path]) -> Opening | Blend | None:
    match card.name:
        case "dlib-resnet":
            return read_centre(paths[1], card.dimension)
        case "face-reid-0095" | "facelib-face":
            return read_centres(paths[-1], card.dimension)
        case "facelib-ensemble":
            _, centre, blend, _, centres = paths
            return read_blend(blend, centres, centre, card.dimension)
        case _:
            return None


def _runtime(card: ModelCard, paths: list[Path], device: str, threads: int | None) -> Runtime:
    if card.runtime == "openvino":
        return OpenvinoRuntime(paths[0], card, threads)
    # torch takes longer to import than OpenVINO to do all the work of a small run.
    from facelib.vision.torch_runtime import load

    return load(card, paths, device, threads)


def _batches(pictures: np.ndarray, card: ModelCard) -> list[np.ndarray]:
    width, height = card.input_size
    if pictures.ndim != 4 or pictures.shape[1:] != (height, width, 3) or pictures.dtype != np.uint8:
        raise ValueError(f"{card.name} reads uint8 pictures of shape (n, {height}, {width}, 3), not {pictures.dtype} {pictures.shape}")
    return [pictures[k : k + _BATCH] for k in range(0, len(pictures), _BATCH)]


def _stacked(rows: list[np.ndarray], card: ModelCard) -> np.ndarray:
    return np.concatenate(rows) if rows else np.zeros((0, card.dimension), dtype=np.float32)
