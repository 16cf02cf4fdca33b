"""Trust falls with everything that spoils an embedding."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from facelib.model_zoo.alignment import ARCFACE_112
from facelib.records import Picture
from facelib.thresholds import Thresholds
from facelib.vision.faces import find_faces
from facelib.vision.loader import load_face_detector
from facelib.vision.reliability import quality_factors, reliability

BOX = (100.0, 100.0, 200.0, 220.0)
POINTS = np.array(ARCFACE_112) * 0.9 + (100, 110)


def textured(size: int = 400) -> Picture:
    random = np.random.default_rng(7)
    coarse, fine = (
        np.asarray(Image.fromarray(random.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((size, size), Image.Resampling.BICUBIC))
        for n in (size // 40 + 1, size // 3 + 1)
    )
    image = Image.blend(Image.fromarray(coarse), Image.fromarray(fine), 0.3)
    return Picture(np.asarray(image), size, size)


def test_a_clear_frontal_face_is_trusted() -> None:
    assert reliability(textured(), BOX, 0.95, POINTS) > 0.9


@pytest.mark.parametrize("spoilt", ["confidence", "small", "blurred", "outside", "scrambled", "upside down", "flat"])
def test_each_fault_alone_takes_trust_away(spoilt: str) -> None:
    picture, box, confidence, points = textured(), BOX, 0.95, POINTS.copy()
    if spoilt == "confidence":
        confidence = 0.1
    elif spoilt == "small":
        picture = Picture(np.asarray(Image.fromarray(picture.pixels).resize((50, 50))), 400, 400)
    elif spoilt == "blurred":
        picture = Picture(np.asarray(Image.fromarray(picture.pixels).filter(ImageFilter.GaussianBlur(9))), 400, 400)
    elif spoilt == "outside":
        box, points = (-190.0, 100.0, 10.0, 340.0), points - (200, 0)
    elif spoilt == "scrambled":
        points = points[[3, 1, 4, 2, 0]]
    elif spoilt == "upside down":
        points = 2 * points.mean(axis=0) - points
    elif spoilt == "flat":
        picture = Picture(np.full((400, 400, 3), 80, np.uint8), 400, 400)
    assert reliability(picture, box, confidence, points) < 0.5


@given(
    st.lists(st.floats(-5000, 5000), min_size=4, max_size=4),
    st.floats(-2, 2),
    st.lists(st.floats(-5000, 5000), min_size=10, max_size=10),
)
def test_any_numbers_give_a_probability(box: list[float], confidence: float, points: list[float]) -> None:
    value = reliability(textured(64), (box[0], box[1], box[2], box[3]), confidence, np.array(points).reshape(5, 2))
    assert 0.0 <= value <= 1.0


def test_it_does_not_depend_on_the_scale_of_the_coordinates() -> None:
    picture = textured()
    larger = Picture(picture.pixels, 1200, 1200)
    here = quality_factors(picture, BOX, 0.9, POINTS)
    there = quality_factors(larger, (300.0, 300.0, 600.0, 660.0), 0.9, POINTS * 3)
    assert here == pytest.approx(there)


def test_real_faces_pass_and_blurred_ones_do_not(shared: Path) -> None:
    detector = load_face_detector("mtcnn", "cpu")
    sharp, blurred = [], []
    with zipfile.ZipFile(shared / "data" / "celebrities-dev.zip") as photos:
        for name in sorted(entry for entry in photos.namelist() if entry.endswith(".jpg"))[::45]:
            image = Image.open(io.BytesIO(photos.read(name))).convert("RGB")
            sharp += find_faces(detector, Picture(np.asarray(image), *image.size), Thresholds())[:1]
            image = image.filter(ImageFilter.GaussianBlur(7))
            blurred += find_faces(detector, Picture(np.asarray(image), *image.size), Thresholds())[:1]
    assert len(sharp) >= 9
    assert np.mean([face.reliability >= 0.5 for face in sharp]) >= 0.9
    assert np.mean([face.reliability >= 0.5 for face in blurred]) <= 0.3
