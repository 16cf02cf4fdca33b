"""A picture as the input of a detector: reduced, and padded below and to the right to the size the network reads."""

from __future__ import annotations

import numpy as np
from PIL import Image


def letterbox(pixels: np.ndarray, side: int, fill: float) -> tuple[np.ndarray, float]:
    """Fit a picture into a square, whatever its size and shape.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, 3), uint8, RGB
    side : int
    fill : float
        Value of the padding, 0..255.

    Returns
    -------
    planes : ndarray of shape (1, 3, side, side), float32, 0..255, BGR
    scale : float
        Pixels of the square for one of the picture.
    """
    scale = side / max(pixels.shape[:2])
    height, width = (max(1, min(side, round(scale * length))) for length in pixels.shape[:2])
    return padded_planes(resized(pixels, height, width), side, side, fill), scale


def resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture of shape (h, w, 3), uint8, in another size."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))


def padded_planes(pixels: np.ndarray, height: int, width: int, fill: float) -> np.ndarray:
    """A picture of shape (h, w, 3), uint8, RGB, as planes of shape (1, 3, height, width), float32, 0..255, BGR."""
    planes = np.full((1, 3, height, width), fill, dtype=np.float32)
    planes[0, :, : pixels.shape[0], : pixels.shape[1]] = pixels[..., ::-1].transpose(2, 0, 1)
    return planes
