"""Black corners are filled and a canvas is added around a crop; the picture itself stays as it is."""

from __future__ import annotations

import numpy as np

from facelib.evaluation.canvas import on_canvas, without_corners


def test_black_corners_take_the_colour_beside_them() -> None:
    pixels = np.full((64, 64, 3), (200, 120, 60), dtype=np.uint8)
    pixels[40:44, 30:34] = 0
    cut = pixels.copy()
    rows, columns = np.mgrid[:64, :64]
    cut[rows + columns < 30] = 3
    cut[:, 60:] = 0
    filled = without_corners(cut)
    assert np.array_equal(filled, pixels), "the black square in the middle stays, all at the rim is filled"


def test_what_has_no_black_rim_is_left_alone() -> None:
    rng = np.random.default_rng(0)
    bright = rng.integers(50, 255, (32, 32, 3), dtype=np.uint8)
    assert without_corners(bright) is bright
    assert not without_corners(np.zeros((8, 8, 3), dtype=np.uint8)).any()


def test_the_picture_stays_as_it_is_in_the_middle_of_the_canvas() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    canvas = on_canvas(pixels, 96)
    assert canvas.shape == (96, 96, 3)
    assert np.array_equal(canvas[32:64, 32:64], pixels)
    edge, far = canvas[32:64, 64].astype(float), canvas[:, -1].astype(float)
    assert np.abs(np.diff(far, axis=0)).mean() < 0.3 * np.abs(np.diff(edge, axis=0)).mean()
