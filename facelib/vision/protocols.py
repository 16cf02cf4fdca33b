"""What a model of each task offers, whatever network it is and whatever library runs it.

The modules in ``facelib/vision/zoo`` provide such objects, :mod:`facelib.vision.loader` loads them by name, and all other code
uses nothing but the methods below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from facelib.model_zoo.card import ModelCard
from facelib.records import Face, Picture

Detections = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Boxes (n, 4), scores (n,) and landmarks (n, 5, 2) of the faces of one picture."""


class FaceDetector(Protocol):
    """Finds the faces of one picture."""

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> Detections:
        """Find faces with five landmarks each.

        Parameters
        ----------
        pixels : ndarray of shape (h, w, 3), uint8, RGB
        min_face : float
            Height of a face in these pixels; lower faces need not be found.
        fine : bool
            Spend more effort: let more doubtful candidates pass.

        Returns
        -------
        boxes : ndarray of shape (n, 4), float32
            x0, y0, x1, y1 in pixels of the picture, perhaps partly outside it.
        scores : ndarray of shape (n,), float32, 0..1
        landmarks : ndarray of shape (n, 5, 2), float32
            Left eye, right eye, nose, left and right mouth corner as seen, in pixels of the picture.
        """
        ...


class BodyDetector(Protocol):
    """Finds whole persons in one picture."""

    def detect(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find persons, also those who face away.

        Parameters
        ----------
        pixels : ndarray of shape (h, w, 3), uint8, RGB

        Returns
        -------
        boxes : ndarray of shape (n, 4), float32
            x0, y0, x1, y1 in pixels of the picture.
        scores : ndarray of shape (n,), float32, 0..1
        """
        ...


class BodyEmbedder(Protocol):
    """Turns crops of upper bodies into unit vectors.

    Attributes
    ----------
    card : ModelCard
        Its ``input_size`` is the size of the crops.
    """

    card: ModelCard

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Crops of shape (n, h, w, 3), uint8, RGB, of the card's input size, to (n, card.dimension), float32, rows of unit length."""
        ...


class FaceEmbedder(Protocol):
    """Turns aligned faces into unit vectors.

    Attributes
    ----------
    card : ModelCard
        Faces are aligned to its ``template``, at its ``input_size``.
    """

    card: ModelCard

    def embed(self, chips: np.ndarray) -> np.ndarray:
        """The vectors of :meth:`observe`."""
        ...

    def observe(self, chips: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Embed faces, and estimate how far each vector may be trusted.

        Parameters
        ----------
        chips : ndarray of shape (n, height, width, 3), uint8, RGB
            Aligned to the card's template, of the card's input size.

        Returns
        -------
        vectors : ndarray of shape (n, card.dimension), float32, rows of unit length
        reliability : ndarray of shape (n,), float32, 0..1, or None
            None where the model gives no such estimate.
        """
        ...


class FaceJudge(Protocol):
    """Decides whether what a detector found is a face, for every embedder."""

    def judge(self, picture: Picture, faces: Sequence[Face]) -> list[Face]:
        """Lower the reliability of what does not look like a face.

        Parameters
        ----------
        picture : Picture
        faces : sequence of Face
            Of that photo.

        Returns
        -------
        list of Face
            The same faces in the same order; a face's reliability never rises.
        """
        ...


class Runtime(Protocol):
    """A network ready to run: what an embedder needs of the library that runs it."""

    def run(self, chips: np.ndarray) -> np.ndarray:
        """Chips of shape (n, h, w, 3), uint8, RGB, n >= 1, to raw vectors of shape (n, d), float32."""
        ...
