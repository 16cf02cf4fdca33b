"""Chips and crops show the right pixels, and odd landmarks or boxes never fail."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.model_zoo.registry import card
from facelib.vision.crops import body_crops, face_chips

TEMPLATE = card("dlib-resnet").template
assert TEMPLATE is not None
SIZE = (150, 150)


def waves(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A smooth picture known at every point, so that a chip can be checked exactly; periods of 80 pixels and more."""
    planes = [128 + 100 * np.sin(x / 13.0), 128 + 100 * np.cos(y / 17.0), 128 + 50 * np.sin(x / 29.0) + 50 * np.cos(y / 23.0)]
    return np.stack(planes, axis=-1)


def painted(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width] + 0.5
    return np.rint(waves(x, y)).astype(np.uint8)


def placed(scale: float, angle: float, shift: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks that are the template turned, scaled and shifted, and where each chip pixel's centre lies in the picture."""
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
    return np.array(TEMPLATE) @ turn.T + shift, np.stack([columns, rows], -1) @ turn.T + shift


@settings(max_examples=20, deadline=None)
@given(st.floats(0.5, 1.4), st.floats(-0.6, 0.6), st.floats(90, 130), st.floats(90, 130))
def test_a_chip_pixel_is_the_picture_at_its_place(scale: float, angle: float, dx: float, dy: float) -> None:
    landmarks, at = placed(scale, angle, (dx, dy))
    chip = face_chips(painted(480, 480), landmarks[None], TEMPLATE, SIZE)[0]
    inside = ((at > 1) & (at < 479)).all(axis=-1)
    difference = np.abs(chip.astype(float) - waves(at[..., 0], at[..., 1]))[inside]
    assert difference.max() <= 2.5
    assert abs((chip.astype(float) - waves(at[..., 0], at[..., 1]))[inside].mean()) < 0.6


def test_a_large_face_is_reduced_without_aliasing() -> None:
    picture = np.zeros((1200, 1200, 3), dtype=np.uint8)
    picture[:, ::2] = 255
    landmarks, _ = placed(7.0, 0.0, (50.3, 50.3))
    chip = face_chips(picture, landmarks[None], TEMPLATE, SIZE)[0].astype(float)
    assert np.abs(chip - 127.5).max() < 30
    smooth, at = placed(4.0, 0.2, (300.0, 100.0))
    chip = face_chips(painted(1000, 1000), smooth[None], TEMPLATE, SIZE)[0].astype(float)
    inside = ((at > 10) & (at < 990)).all(axis=-1)
    assert np.abs(chip - waves(at[..., 0], at[..., 1]))[inside].max() < 12


def test_outside_the_picture_its_edge_goes_on() -> None:
    picture = np.full((100, 100, 3), 200, dtype=np.uint8)
    picture[:, :50] = 40
    landmarks, _ = placed(1.0, 0.0, (-75.0, -200.0))
    chip = face_chips(picture, landmarks[None], TEMPLATE, SIZE)[0]
    assert (chip[:, :120] == 40).all() and (chip[:, 130:] == 200).all()


def test_landmarks_that_say_nothing_give_the_middle() -> None:
    picture = painted(200, 300)
    bad = np.stack([np.full((5, 2), 60.0), np.full((5, 2), np.nan), np.array(TEMPLATE) * 1e7, np.full((5, 2), np.inf)])
    chips = face_chips(picture, bad, TEMPLATE, SIZE)
    assert chips.shape == (4, 150, 150, 3)
    assert (chips == chips[0]).all()
    middle = picture[100, 150].astype(int)
    assert np.abs(chips[0, 75, 75].astype(int) - middle).max() <= 12


def test_no_faces_no_chips() -> None:
    assert face_chips(painted(50, 50), np.zeros((0, 5, 2)), TEMPLATE, SIZE).shape == (0, 150, 150, 3)
    assert body_crops(painted(50, 50), np.zeros((0, 4)), (128, 256)).shape == (0, 256, 128, 3)


def test_body_crops_cut_the_box() -> None:
    picture = np.zeros((100, 200, 3), dtype=np.uint8)
    picture[20:60, 30:90] = (255, 10, 20)
    crop = body_crops(picture, np.array([[30, 20, 90, 60]]), (48, 48))[0]
    assert (crop == (255, 10, 20)).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-500, 700), min_size=4, max_size=4))
def test_any_box_gives_a_crop(box: list[float]) -> None:
    assert body_crops(painted(60, 80), np.array([box]), (16, 32)).shape == (1, 32, 16, 3)
