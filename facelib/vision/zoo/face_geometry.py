"""face-geometry: no network; the upper body is guessed from the face alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facelib.model_zoo.card import ModelCard


class FaceGeometry:
    """A body detector that finds no one, so that :func:`facelib.vision.bodies.find_bodies` keeps its guess for every face."""

    def detect(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.empty((0, 4), np.float32), np.empty(0, np.float32)


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> FaceGeometry:
    """The detector; it needs no network."""
    return FaceGeometry()
