"""The cascade: the same faces as facenet-pytorch's own, and the arithmetic it is made of."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision  # noqa: F401  (before the detector, which else imports facenet-pytorch without it)
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.nn.functional import interpolate

from facelib.geometry import iou
from facelib.model_zoo import weights
from facelib.model_zoo.registry import card
from facelib.vision.suppression import suppress_nested
from facelib.vision.zoo.mtcnn import Mtcnn, area_table, crops, pyramid

GROUP = ("actors/multiface.jpg", "known-people/test/obama_and_biden.jpg", "couple/16.jpg", "couple/17.jpg")


@pytest.fixture(scope="module")
def detector() -> Mtcnn:
    return Mtcnn(weights.find(card("mtcnn")), torch.device("cpu"))


def photo(shared: Path, name: str) -> Image.Image:
    with zipfile.ZipFile(shared / "data" / "albums.zip") as album:
        found = next(entry for entry in album.namelist() if entry.endswith(name))
        return Image.open(io.BytesIO(album.read(found))).convert("RGB")


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 30), st.integers(0, 2**31))
def test_crops_are_the_area_means_of_adaptive_pooling(height: int, width: int, side: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    x0, y0 = random.integers(0, width), random.integers(0, height)
    box = np.array([[x0, y0, random.integers(x0, width) + 1, random.integers(y0, height) + 1]])
    part = torch.from_numpy(pixels[y0 : box[0, 3], x0 : box[0, 2]]).permute(2, 0, 1)[None].float()
    expected = interpolate(part, size=(side, side), mode="area")[0].permute(1, 2, 0).numpy()
    assert np.allclose(crops(area_table(pixels), box, side)[0], expected, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 30), st.integers(0, 2**31))
def test_what_lies_outside_the_picture_is_grey_and_moves_nothing(height: int, width: int, side: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    x0, y0 = random.integers(-30, width), random.integers(-30, height)
    box = np.array([[x0, y0, max(x0, 0) + random.integers(1, 50), max(y0, 0) + random.integers(1, 50)]])
    found = crops(area_table(pixels), box, side)[0]
    border = 120
    wide, mask = (np.pad(each, ((border, border), (border, border), (0, 0))) for each in (pixels, np.full_like(pixels, 255)))
    expected, inside = (crops(area_table(each), box + border, side)[0] for each in (wide, mask))
    whole, nothing = inside == 255, inside == 0
    assert np.allclose(found[whole], expected[whole], atol=1e-3)
    assert (found[nothing] == 127.5).all()


@pytest.mark.parametrize("cut", [(0.2, 0.0), (0.0, 0.2), (0.15, 0.15)])
def test_a_face_cut_off_by_the_border_has_its_landmarks_where_they_are(detector: Mtcnn, shared: Path, cut: tuple[float, float]) -> None:
    pixels = np.asarray(photo(shared, GROUP[1]))
    boxes, scores, landmarks = detector.detect(pixels, 150.0)
    assert (scores > 0.99).sum() == 2
    for box, five in zip(boxes[scores > 0.99], landmarks[scores > 0.99]):
        size = box[2:] - box[:2]
        left, top = (box[:2] + np.array(cut) * size * np.array([1, 0.5])).astype(int) * (np.array(cut) > 0)
        right, bottom = (box[2:] + 0.3 * size).astype(int)
        part = np.ascontiguousarray(pixels[max(top, 0) : bottom, max(left, 0) : right])
        points = detector.detect(part, 0.5 * float(size[1]))[2] + np.float32([left, top])
        assert np.abs(points - five).max(axis=(1, 2)).min() < 0.1 * float(size[0]), cut


def test_the_table_may_wrap_around() -> None:
    pixels = np.full((3000, 3000, 3), 255, dtype=np.uint8)  # sums of 2.3e9, beyond 31 bits
    assert np.allclose(crops(area_table(pixels), np.array([[2900, 2900, 3000, 3000]]), 24), 255)


def test_the_pyramid_ends_where_a_face_would_no_longer_fit() -> None:
    levels = list(pyramid(np.zeros((90, 160, 3), dtype=np.uint8), 24))
    scales = [scale for scale, _ in levels]
    assert scales[0] == 0.5
    assert all(90 * scale >= 12 for scale in scales) and 90 * scales[-1] * 0.709 < 12
    assert levels[0][1].shape == (1, 46, 81, 3)


def test_a_box_within_a_better_one_goes() -> None:
    boxes = np.array([[0, 0, 100, 100], [10, 10, 40, 40], [200, 0, 300, 100]], dtype=np.float32)
    assert suppress_nested(boxes, np.array([0.9, 0.8, 0.95]), 0.7) == [2, 0]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3), (12, 12), (200, 300)])
def test_flat_pictures_of_any_shape_show_nobody(detector: Mtcnn, shape: tuple[int, int]) -> None:
    boxes, scores, landmarks = detector.detect(np.full((*shape, 3), 90, dtype=np.uint8), 20.0)
    assert boxes.shape == (0, 4) and scores.shape == (0,) and landmarks.shape == (0, 5, 2)
    assert boxes.dtype == scores.dtype == landmarks.dtype == np.float32


def test_agrees_with_facenet_pytorch(detector: Mtcnn, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from facenet_pytorch import MTCNN

    monkeypatch.setattr("facelib.vision.zoo.mtcnn.SIZE_MARGIN", 1.0)
    theirs = MTCNN(min_face_size=24, keep_all=True)
    found = []
    for name in GROUP:
        image = photo(shared, name)
        image.thumbnail((800, 800))
        expected, scores, points = theirs.detect(image, landmarks=True)
        boxes, _, landmarks = detector.detect(np.asarray(image), 24.0)
        for box, score, five in zip(expected, scores, points):
            if score >= 0.9:
                overlaps = iou(box[None].astype(float), boxes)[0]
                found.append(overlaps.max())
                assert np.abs(landmarks[overlaps.argmax()] - five).max() < 0.1 * (box[2] - box[0]), (name, box)
    assert len(found) >= 9 and min(found) > 0.7
    assert np.mean(np.array(found) > 0.8) >= 0.9


def test_the_same_picture_gives_the_same_numbers(detector: Mtcnn, shared: Path) -> None:
    pixels = np.asarray(photo(shared, GROUP[3]))
    for first, second in zip(detector.detect(pixels, 30.0), detector.detect(pixels, 30.0)):
        assert np.array_equal(first, second)
