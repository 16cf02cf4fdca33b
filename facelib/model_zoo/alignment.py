"""Landmark templates: where a network expects the five points of a face in its input, in pixels.

The order is left eye, right eye, nose, left and right mouth corner, as seen in the picture.
"""

from __future__ import annotations

Template = tuple[tuple[float, float], ...]

ARCFACE_112: Template = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
"""The template of ArcFace, 112 x 112 pixels, which most published embedders share."""

REID_128: Template = ((40.393, 59.081), (87.383, 59.081), (64.032, 81.985), (44.732, 105.562), (83.642, 105.562))
"""The template of face-reid-0095, 128 x 128 pixels: a tighter crop. Its student, facelib-face, shares it."""

DLIB_150: Template = ((47.11, 46.56), (101.18, 45.84), (75.19, 79.03), (51.00, 101.12), (100.01, 99.98))
"""Where the five points fall in dlib's own crops of 150 x 150 pixels, in the median."""


def scaled(template: Template, factor: float, shift: float = 0.0) -> Template:
    """A template for another input size: ``factor * point + shift``."""
    return tuple((factor * x + shift, factor * y + shift) for x, y in template)
