"""Non-maximum suppression: of boxes that overlap much, only the most likely stays."""

from __future__ import annotations

import numpy as np


def suppress(boxes: np.ndarray, scores: np.ndarray, limit: float) -> np.ndarray:
    """Which boxes stay when those of greater intersection over union than ``limit`` with a better one go.

    Parameters
    ----------
    boxes : ndarray of shape (n, 4), float32
    scores : ndarray of shape (n,), float32
    limit : float
        0..1.

    Returns
    -------
    ndarray of shape (k,), int64
        Indices, best score first.
    """
    import torch
    from torchvision.ops import nms

    kept: np.ndarray = nms(torch.from_numpy(boxes), torch.from_numpy(scores), limit).numpy()
    return kept


def suppress_nested(boxes: np.ndarray, scores: np.ndarray, limit: float) -> list[int]:
    """As :func:`suppress`, but by intersection over the *smaller* box, so that a box inside another goes too."""
    area = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = np.clip(high - low + 1, 0, None).prod(axis=1)
        order = rest[overlap / np.minimum(area[best], area[rest]) <= limit]
    return kept
