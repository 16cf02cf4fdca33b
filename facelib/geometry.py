"""Boxes ``x0, y0, x1, y1``, and similarity transforms of points."""

from __future__ import annotations

import numpy as np


def box_area(boxes: np.ndarray) -> np.ndarray:
    """Areas of boxes of shape (..., 4): shape (...), float64; 0 for boxes turned inside out."""
    boxes = np.asarray(boxes, dtype=np.float64)
    return np.clip(boxes[..., 2] - boxes[..., 0], 0, None) * np.clip(boxes[..., 3] - boxes[..., 1], 0, None)


def intersection(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Areas of overlap of every box of ``a`` (n, 4) with every box of ``b`` (m, 4): shape (n, m)."""
    a = np.asarray(a, dtype=np.float64).reshape(-1, 1, 4)
    b = np.asarray(b, dtype=np.float64).reshape(1, -1, 4)
    return box_area(
        np.concatenate([np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])], axis=-1)
    )


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of every box of ``a`` (n, 4) with every box of ``b`` (m, 4): shape (n, m), 0..1."""
    overlap = intersection(a, b)
    union = box_area(np.asarray(a).reshape(-1, 4))[:, None] + box_area(np.asarray(b).reshape(-1, 4))[None] - overlap
    return np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0)


def clip_box(box: tuple[float, float, float, float], width: float, height: float) -> tuple[float, float, float, float]:
    """The part of a box that lies in a picture of ``width`` x ``height``."""
    x0, y0, x1, y1 = box
    return (
        float(min(max(x0, 0.0), width)),
        float(min(max(y0, 0.0), height)),
        float(min(max(x1, 0.0), width)),
        float(min(max(y1, 0.0), height)),
    )


def similarity_transform(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Rotation, uniform scale and shift that map ``source`` points as near as possible to ``target`` points.

    Least squares after Umeyama, "Least-squares estimation of transformation parameters between two point
    patterns", IEEE PAMI 13(4), 1991; mirror images are excluded.

    Parameters
    ----------
    source, target : ndarray of shape (n, 2), n >= 2, source points not all equal

    Returns
    -------
    ndarray of shape (2, 3), float64
        ``target ~ M[:, :2] @ source + M[:, 2]``.

    Raises
    ------
    ValueError
        If the source points coincide.
    """
    source = np.asarray(source, dtype=np.float64)
    target = np.asarray(target, dtype=np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - source_mean, target - target_mean
    variance = float((a * a).sum()) / len(a)
    if not np.isfinite(variance) or variance < 1e-12:
        raise ValueError("the points coincide, so no transform is defined")
    u, singular, vt = np.linalg.svd(b.T @ a / len(a))
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt)) or 1.0])
    rotation = (u * sign) @ vt
    scale = float((singular * sign).sum()) / variance
    matrix = np.empty((2, 3))
    matrix[:, :2] = scale * rotation
    matrix[:, 2] = target_mean - scale * rotation @ source_mean
    return matrix


def match_boxes(overlaps: np.ndarray, min_overlap: float) -> list[tuple[int, int]]:
    """Pair rows with columns one to one: greedily, the largest overlap first, none below ``min_overlap``.

    Parameters
    ----------
    overlaps : ndarray of shape (n, m)
        Ties go to the lower row, then to the lower column.
    min_overlap : float

    Returns
    -------
    list of (row, column)
        Sorted.
    """
    pairs: list[tuple[int, int]] = []
    rows, columns = np.nonzero(overlaps >= min_overlap)
    order = np.lexsort((columns, rows, -overlaps[rows, columns]))
    used_rows: set[int] = set()
    used_columns: set[int] = set()
    for k in order:
        row, column = int(rows[k]), int(columns[k])
        if row not in used_rows and column not in used_columns:
            pairs.append((row, column))
            used_rows.add(row)
            used_columns.add(column)
    return sorted(pairs)
