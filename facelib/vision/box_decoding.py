"""Decode the outputs of anchor-free detectors (YuNet, YOLOX): each cell of a grid gives one box."""

from __future__ import annotations

import numpy as np

STRIDES = (8, 16, 32)
"""Sides of the cells, in pixels, of the three grids."""


def cell_corners(cells: np.ndarray, columns: int) -> np.ndarray:
    """Upper left corners (x, y), in cells, of cells that are numbered row by row: shape (n, 2), float32."""
    return np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)


def decode_boxes(values: np.ndarray, corners: np.ndarray, stride: int | np.ndarray) -> np.ndarray:
    """Boxes in pixels of the network's input.

    Parameters
    ----------
    values : ndarray of shape (n, 4), float32
        Offset of the box's middle from the corner of its cell, in cells; logarithms of width and height, in cells.
    corners : ndarray of shape (n, 2), float32
        Of :func:`cell_corners`.
    stride : int, or ndarray of shape (n, 1), float32

    Returns
    -------
    ndarray of shape (n, 4), float32
        x0, y0, x1, y1.
    """
    middle = (values[:, :2] + corners) * stride
    half = np.exp(values[:, 2:4]) * stride / 2
    return np.concatenate([middle - half, middle + half], axis=1)
