"""Boxes come out where their cells and offsets say."""

from __future__ import annotations

import numpy as np

from facelib.vision.box_decoding import cell_corners, decode_boxes


def test_cells_are_counted_row_by_row() -> None:
    corners = cell_corners(np.array([0, 1, 3, 7]), 3)
    assert corners.tolist() == [[0, 0], [1, 0], [0, 1], [1, 2]] and corners.dtype == np.float32


def test_offsets_are_in_cells_and_sizes_are_logarithms() -> None:
    values = np.array([[0.5, 0.25, np.log(2), np.log(4)]], dtype=np.float32)
    corners = np.array([[3, 1]], dtype=np.float32)
    boxes = decode_boxes(values, corners, 8)
    np.testing.assert_allclose(boxes, [[28 - 8, 10 - 16, 28 + 8, 10 + 16]], atol=1e-4)
    assert boxes.dtype == np.float32
    np.testing.assert_array_equal(decode_boxes(values, corners, np.float32([[8]])), boxes)
