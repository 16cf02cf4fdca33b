"""Detection and embedding work on drawn photos from file to vectors, so that a clone without other data tests them too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from facelib.model_zoo.registry import DEFAULTS, FACE_DETECTOR, FACE_EMBEDDER, card
from facelib.photos.decode import decode
from facelib.records import Sighting
from facelib.thresholds import Thresholds
from facelib.vision.observer import Observer
from tests.drawn_faces import ONE, TWO, Head, photo

THRESHOLDS = Thresholds().override({**card(DEFAULTS[FACE_DETECTOR]).thresholds, **card(DEFAULTS[FACE_EMBEDDER]).thresholds})


@pytest.fixture(scope="module")
def observer() -> Observer:
    return Observer(DEFAULTS, THRESHOLDS, "cpu", 1)


def observe(observer: Observer, image: Image.Image, folder: Path) -> list[Sighting]:
    """What the program sees in the image as a JPEG file, from left to right."""
    path = folder / "photo.jpg"
    image.save(path, quality=92)
    picture = decode(path, THRESHOLDS.working_side, THRESHOLDS.max_pixels)
    sightings = observer.embed(picture, observer.detect(picture))
    return sorted(sightings, key=lambda each: each.face.box[0] if each.face else 0)


@pytest.mark.parametrize("heads", [ONE, TWO], ids=["one", "two"])
def test_every_face_is_found_where_it_was_drawn(observer: Observer, heads: tuple[Head, ...], tmp_path: Path) -> None:
    found = observe(observer, photo(heads), tmp_path)
    assert len(found) == len(heads)
    for sighting, head in zip(found, heads):
        assert sighting.face is not None and sighting.face.score > THRESHOLDS.face_score
        assert sighting.face.reliability >= THRESHOLDS.min_reliability
        assert np.abs(sighting.face.landmarks - head.landmarks).max() < 0.1 * head.radius
        x0, y0, x1, y1 = sighting.face.box
        assert x0 < head.x < x1 and y0 < head.y < y1 and head.radius < y1 - y0 < 2.2 * head.radius


def test_a_wall_shows_nobody(observer: Observer, tmp_path: Path) -> None:
    assert observe(observer, photo(()), tmp_path) == []


def test_faces_come_back_in_pixels_of_a_large_photo(observer: Observer, tmp_path: Path) -> None:
    (found,) = observe(observer, photo().resize((2560, 1920)), tmp_path)
    assert found.face is not None and np.abs(found.face.landmarks - 4 * ONE[0].landmarks).max() < 0.1 * 4 * ONE[0].radius


def test_a_person_is_nearer_in_another_photo_than_another_person(observer: Observer, tmp_path: Path) -> None:
    left, right = TWO
    moved = ImageEnhance.Brightness(photo((replace(left, x=400, y=260, radius=70), replace(right, x=150, y=200, radius=110)))).enhance(0.8)
    first, second = observe(observer, photo(TWO), tmp_path), observe(observer, moved, tmp_path)
    a, b = (np.array([each.face_embedding for each in sightings]) for sightings in (first, second))
    assert np.allclose(np.linalg.norm(a, axis=1), 1, atol=1e-3) and a.shape == (2, card(DEFAULTS[FACE_EMBEDDER]).dimension)
    # In the second photo they have changed places.
    distance = 1 - a @ b[::-1].T
    assert distance.diagonal().max() < min(distance[0, 1], distance[1, 0])


def test_a_mirrored_photo_shows_the_same_person(observer: Observer, tmp_path: Path) -> None:
    (seen,), (mirrored,) = (observe(observer, image, tmp_path) for image in (photo(), ImageOps.mirror(photo())))
    assert seen.face_embedding is not None and mirrored.face_embedding is not None
    assert 1 - float(seen.face_embedding @ mirrored.face_embedding) < THRESHOLDS.linkage_threshold


def test_an_upper_body_is_embedded_with_the_face(observer: Observer, tmp_path: Path) -> None:
    for sighting, head in zip(observe(observer, photo(TWO), tmp_path), TWO):
        assert sighting.body is not None and sighting.body_embedding is not None
        x0, y0, x1, y1 = sighting.body.box
        assert x0 < head.x < x1 and y1 > y0 > head.y
