"""Embedders that are a network: pictures of one person in, unit vectors out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facelib.log_odds import probability
from facelib.model_zoo.card import ModelCard
from facelib.vision.centering import unit_rows
from facelib.vision.protocols import Runtime

_BATCH = 32
_LOG_ODDS = 2
"""Outputs after the vector, if ``card.reliability``: log odds that the vector can be trusted, and that there is a face."""


class NetworkFaceEmbedder:
    """A network behind the :class:`~facelib.vision.protocols.FaceEmbedder` protocol.

    If the card is ``mirrored``, the vector of a face is the mean of its own and its mirror image's.

    Parameters
    ----------
    card : ModelCard
    runtime : Runtime
    postprocess : callable
        Maps unit vectors of shape (n, d) to unit vectors of shape (n, card.dimension): centering or fusion.
    """

    def __init__(self, card: ModelCard, runtime: Runtime, postprocess: Callable[[np.ndarray], np.ndarray] | None = None) -> None:
        self.card = card
        self.runtime = runtime
        self._postprocess = postprocess

    def embed(self, chips: np.ndarray) -> np.ndarray:
        return self.observe(chips)[0]

    def observe(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        rows, odds = [], []
        for batch in batches(chips, self.card):
            views = [batch, batch[:, :, ::-1]] if self.card.mirrored else [batch]
            outputs = self.runtime.run(np.concatenate(views)).reshape(len(views), len(batch), -1)
            width = outputs.shape[2] - (_LOG_ODDS if self.card.reliability else 0)
            vectors = unit_rows(np.sum([unit_rows(view[:, :width]) for view in outputs], axis=0))
            rows.append(self._postprocess(vectors) if self._postprocess else vectors)
            odds.append(outputs[:, :, width:].mean(axis=0))
        vectors = stacked(rows, self.card)
        if not self.card.reliability:
            return vectors, None
        logits = np.concatenate(odds)[:, 0] if odds else np.zeros(0, dtype=np.float32)
        return vectors, probability(logits).astype(np.float32)


class NetworkBodyEmbedder:
    """A network behind the :class:`~facelib.vision.protocols.BodyEmbedder` protocol."""

    def __init__(self, card: ModelCard, runtime: Runtime) -> None:
        self.card = card
        self._runtime = runtime

    def embed(self, crops: np.ndarray) -> np.ndarray:
        return stacked([unit_rows(self._runtime.run(batch)) for batch in batches(crops, self.card)], self.card)


def batches(pictures: np.ndarray, card: ModelCard) -> list[np.ndarray]:
    """Pictures in batches, so that a crowd needs no more memory than a few people.

    Raises
    ------
    ValueError
        If they are not uint8 pictures of the card's input size: an error of the caller.
    """
    width, height = card.input_size
    if pictures.ndim != 4 or pictures.shape[1:] != (height, width, 3) or pictures.dtype != np.uint8:
        raise ValueError(f"{card.name} reads uint8 pictures of shape (n, {height}, {width}, 3), not {pictures.dtype} {pictures.shape}")
    return [pictures[k : k + _BATCH] for k in range(0, len(pictures), _BATCH)]


def stacked(rows: list[np.ndarray], card: ModelCard) -> np.ndarray:
    """The vectors of all batches, (n, card.dimension), float32; of shape (0, card.dimension) for none."""
    return np.concatenate(rows) if rows else np.zeros((0, card.dimension), dtype=np.float32)
