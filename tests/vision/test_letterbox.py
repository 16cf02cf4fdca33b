"""A picture fills its corner of a detector's input in its own shape, and the rest is padding."""

from __future__ import annotations

import numpy as np
import pytest

from facelib.vision.letterbox import letterbox, padded_planes


def test_the_letterbox_keeps_the_shape_and_turns_the_colours_round() -> None:
    image, scale = letterbox(np.full((100, 200, 3), (10, 20, 30), np.uint8), 416, 114)
    assert scale == pytest.approx(2.08)
    assert image.shape == (1, 3, 416, 416)
    assert image[0, :, 100, 100].tolist() == [30, 20, 10]
    assert (image[0, :, 208:] == 114).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3)])
def test_any_shape_fits(shape: tuple[int, int]) -> None:
    image, _ = letterbox(np.full((*shape, 3), 200, np.uint8), 64, 0)
    assert image.shape == (1, 3, 64, 64) and image[0, 0, 0, 0] == 200


def test_planes_without_scaling_are_the_pixels() -> None:
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    planes = padded_planes(pixels, 4, 5, 7)
    assert planes.dtype == np.float32 and planes.shape == (1, 3, 4, 5)
    np.testing.assert_array_equal(planes[0, :, :2, :3], pixels[..., ::-1].transpose(2, 0, 1))
    assert (planes[0, :, 2:] == 7).all() and (planes[0, :, :, 3:] == 7).all()
