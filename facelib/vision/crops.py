"""From a picture to what the embedders read: faces aligned by their landmarks, upper bodies cut to their boxes.

Coordinates are continuous: a picture covers ``0..width`` and ``0..height``, and its first pixel's centre is at
``(0.5, 0.5)``. Templates count the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from facelib.geometry import similarity_transform

# A chip that would cover more than this many picture sides is not a face: its landmarks are wrong.
_GREATEST_REGION = 4.0


def face_chips(pixels: np.ndarray, landmarks: np.ndarray, template: Sequence[tuple[float, float]], size: tuple[int, int]) -> np.ndarray:
    """Cut faces out, each turned, scaled and shifted so that its landmarks fall nearest to the template.

    A chip smaller than the face is reduced by area first, so nothing aliases; what lies outside the picture
    repeats its edge. Landmarks that define no transform give the middle of the picture instead.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, 3), uint8
    landmarks : ndarray of shape (n, 5, 2), float
        In pixels of ``pixels``.
    template : five (x, y)
        Where the landmarks go, in pixels of the chip.
    size : (int, int)
        Width and height of a chip.

    Returns
    -------
    ndarray of shape (n, height, width, 3), uint8
    """
    points = np.asarray(landmarks, dtype=np.float64).reshape(-1, 5, 2)
    target = np.asarray(template, dtype=np.float64)
    chips = np.empty((len(points), size[1], size[0], 3), dtype=np.uint8)
    for chip, face in zip(chips, points, strict=True):
        inverse = _chip_to_picture(face, target, size, pixels.shape[:2])
        chip[:] = _warp(pixels, inverse, size)
    return chips


def body_crops(pixels: np.ndarray, boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Cut boxes out and stretch each to ``size``.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, 3), uint8
    boxes : ndarray of shape (n, 4), float
        In pixels of ``pixels``; what lies outside the picture is left out.
    size : (int, int)
        Width and height of a crop.

    Returns
    -------
    ndarray of shape (n, height, width, 3), uint8
    """
    height, width = pixels.shape[:2]
    boxes = np.nan_to_num(np.asarray(boxes, dtype=np.float64).reshape(-1, 4))
    crops = np.empty((len(boxes), size[1], size[0], 3), dtype=np.uint8)
    for crop, (x0, y0, x1, y1) in zip(crops, boxes, strict=True):
        left, top = (int(np.clip(math.floor(v), 0, limit - 1)) for v, limit in ((x0, width), (y0, height)))
        right, bottom = int(np.clip(math.ceil(x1), left + 1, width)), int(np.clip(math.ceil(y1), top + 1, height))
        pixels_in_box = Image.fromarray(np.ascontiguousarray(pixels[top:bottom, left:right]))
        crop[:] = np.asarray(pixels_in_box.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
    return crops


def _chip_to_picture(face: np.ndarray, target: np.ndarray, size: tuple[int, int], shape: tuple[int, ...]) -> np.ndarray:
    """The (2, 3) matrix from chip to picture coordinates; the middle of the picture where the landmarks define none."""
    height, width = shape
    limit = _GREATEST_REGION * max(height, width)
    try:
        # Points further away than the limit, or not finite, come from no face in this picture.
        if (np.abs(face) <= limit).all():
            forward = similarity_transform(face, target)
            linear = np.linalg.inv(forward[:, :2])
            inverse = np.column_stack([linear, -linear @ forward[:, 2]])
            x0, y0, x1, y1 = _region(inverse, size)
            if max(x1 - x0, y1 - y0) <= limit:
                return inverse
    except (ValueError, np.linalg.LinAlgError):
        pass
    scale = min(width / size[0], height / size[1])
    return np.array([[scale, 0, (width - scale * size[0]) / 2], [0, scale, (height - scale * size[1]) / 2]])


def _region(inverse: np.ndarray, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The upright box in the picture that holds the whole chip."""
    corners = np.array([[0, 0], [size[0], 0], [0, size[1]], [size[0], size[1]]], dtype=np.float64)
    mapped = corners @ inverse[:, :2].T + inverse[:, 2]
    (x0, y0), (x1, y1) = mapped.min(axis=0), mapped.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _warp(pixels: np.ndarray, inverse: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """One chip: the region around it, reduced by a whole factor where the chip is smaller, then sampled linearly."""
    x0, y0, x1, y1 = _region(inverse, size)
    factor = max(1, int(math.sqrt(abs(np.linalg.det(inverse[:, :2])))))
    margin = 2 * factor
    left, top = math.floor(x0) - margin, math.floor(y0) - margin
    columns = np.arange(left, math.ceil(x1) + margin + factor)
    rows = np.arange(top, math.ceil(y1) + margin + factor)
    region = Image.fromarray(_cut(pixels, rows, columns))
    if factor > 1:
        region = region.reduce(factor)
    a, b, c, d, e, f = ((inverse - [[0, 0, left], [0, 0, top]]) / factor).ravel()
    return np.asarray(region.transform(size, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR))


def _cut(pixels: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Rows and columns of a picture, its edge repeated where they leave it."""
    height, width = pixels.shape[:2]
    if rows[0] >= 0 and columns[0] >= 0 and rows[-1] < height and columns[-1] < width:
        return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return np.ascontiguousarray(pixels[np.clip(rows, 0, height - 1)][:, np.clip(columns, 0, width - 1)])
