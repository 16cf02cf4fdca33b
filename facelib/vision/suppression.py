"""Non-maximum suppression (NMS): of boxes that overlap much, only the one with the best score stays."""

from __future__ import annotations

import numpy as np


def suppress(boxes: np.ndarray, scores: np.ndarray, limit: float) -> np.ndarray:
    """Drop each box whose intersection over union with a better one exceeds ``limit``.

    Parameters
    ----------
    boxes : ndarray of shape (n, 4), float32
    scores : ndarray of shape (n,), float32
    limit : float
        0..1.

    Returns
    -------
    ndarray of shape (k,), int64
        Indices of the boxes that stay, best score first.
    """
    # torchvision has the same, but takes longer to import than all photos of a small run take to be looked at.
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        overlap = _overlap(boxes[best], boxes[rest], 0)
        order = rest[overlap <= limit * (area[best] + area[rest] - overlap)]
    return np.array(kept, dtype=np.int64)


def suppress_nested(boxes: np.ndarray, scores: np.ndarray, limit: float) -> list[int]:
    """As :func:`suppress`, but by intersection over the *smaller* box, so that a box inside another goes too."""
    area = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        overlap = _overlap(boxes[best], boxes[rest], 1)
        order = rest[overlap / np.minimum(area[best], area[rest]) <= limit]
    return kept


def _overlap(box: np.ndarray, others: np.ndarray, pixel: float) -> np.ndarray:
    """Areas of intersection; ``pixel`` is 1 where a box includes the pixels of its edges."""
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0]) + pixel
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1]) + pixel
    areas: np.ndarray = np.clip(width, 0, None) * np.clip(height, 0, None)
    return areas
