"""Face quality: how far an embedding of a face may be trusted, estimated from the detector's output and the picture."""

from __future__ import annotations

import math

import numpy as np

from facelib.geometry import box_area, clip_box, similarity_transform
from facelib.model_zoo.alignment import ARCFACE_112
from facelib.records import Box, Picture

SIDE = 64
# For each quality factor the midpoint and the slope of its logistic term: at the midpoint the factor alone gives one half.
# Set by eye on the development photos of 2026-11: faces in them pass, faces blurred by 5 pixels or reduced below 24 fail.
MIDPOINT_AND_SLOPE = {
    "height": (0.0, 4.0),
    "confidence": (0.4, 10.0),
    "sharpness": (-6.2, 2.5),
    "shape": (-0.3, 25.0),
    "turn": (-1.2, 6.0),
    "inside": (0.25, 12.0),
}
SMALL_FACE = 24.0


def reliability(picture: Picture, box: Box, confidence: float, landmarks: np.ndarray) -> float:
    """The product of one logistic term for each of :func:`quality_factors`.

    Parameters
    ----------
    picture : Picture
    box : Box
        Not clipped: how much of it lies outside the picture counts.
    confidence : float
        The detector's score, 0 at its threshold and 1 at its best.
    landmarks : ndarray of shape (5, 2)
        In full-size pixels, like ``box``.

    Returns
    -------
    float
        0..1; from 0.5 on an embedding may start a cluster.
    """
    product = 1.0
    for name, value in quality_factors(picture, box, confidence, landmarks).items():
        midpoint, slope = MIDPOINT_AND_SLOPE[name]
        product /= 1.0 + math.exp(min(-slope * (value - midpoint), 700.0))
    return product


def quality_factors(picture: Picture, box: Box, confidence: float, landmarks: np.ndarray) -> dict[str, float]:
    """What the quality of a face is estimated from; each grows with reliability.

    Returns
    -------
    dict
        ``height``: log2 of the height in decoded pixels over 24. ``confidence``: as given. ``sharpness``: log2 of the
        Laplacian's variance against that of the brightness, at 64x64. ``shape``: minus the landmarks' rms distance
        from a frontal face's, in eye distances. ``turn``: minus the head's roll, in radians. ``inside``: fraction of the
        box inside the picture.
    """
    scale = np.array(picture.scale)
    x0, y0, x1, y1 = box
    decoded = (x0 / scale[0], y0 / scale[1], x1 / scale[0], y1 / scale[1])
    height, width = picture.pixels.shape[:2]
    error, turn = _shape(landmarks / scale)
    inside = box_area(np.array(clip_box(box, picture.width, picture.height))) / max(float(box_area(np.array(box))), 1e-6)
    return {
        "height": math.log2(min(max(decoded[3] - decoded[1], 1.0), 160.0) / SMALL_FACE),
        "confidence": min(max(confidence, 0.0), 1.0),
        "sharpness": _sharpness(picture.pixels, clip_box(decoded, width, height)),
        "shape": -error,
        "turn": -turn,
        "inside": float(inside),
    }


def _shape(landmarks: np.ndarray) -> tuple[float, float]:
    """How unlike a frontal face five points lie: rms distance from the template in eye distances, and the roll in radians."""
    template = np.array(ARCFACE_112)
    try:
        matrix = similarity_transform(template, landmarks)
    except (ValueError, np.linalg.LinAlgError):
        return 1.0, math.pi
    scale = math.hypot(matrix[0, 0], matrix[1, 0])
    if scale < 1e-6:
        return 1.0, math.pi
    fitted = template @ matrix[:, :2].T + matrix[:, 2]
    error = math.sqrt(float(((fitted - landmarks) ** 2).sum(axis=1).mean())) / (scale * 35.2)
    return min(error, 1.0), abs(math.atan2(matrix[1, 0], matrix[0, 0]))


def _sharpness(pixels: np.ndarray, box: Box) -> float:
    """log2 of the Laplacian's variance against the variance of brightness, of a part of a picture at a fixed size."""
    from PIL import Image

    x0, y0, x1, y1 = (round(v) for v in box)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return -10.0
    patch = Image.fromarray(np.ascontiguousarray(pixels[y0:y1, x0:x1])).convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    grey = np.asarray(patch, dtype=np.float32)
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    # The constants keep noise in a flat patch from counting as detail.
    return math.log2((float(laplacian.var()) + 0.2) / (float(grey.var()) + 25.0))
