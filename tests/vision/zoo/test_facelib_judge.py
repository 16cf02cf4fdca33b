"""A face that the network doubts loses reliability; it never gains any."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.model_zoo.registry import DEFAULTS, FACE_JUDGE
from facelib.records import Face, Picture
from facelib.thresholds import Thresholds
from facelib.vision.loader import load_face_judge
from facelib.vision.observer import Observer
from facelib.vision.zoo.facelib_judge import BranchJudge


class Odds:
    """Says the number at the middle of each picture, less 100, and notes how many it was shown at once."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, chips: np.ndarray) -> np.ndarray:
        self.batches.append(len(chips))
        middle = chips[:, 56, 56, 0].astype(np.float32) - 100
        return np.stack([np.full(len(chips), 50, dtype=np.float32), middle], axis=1)


def faces_at(places: list[tuple[float, float]], reliability: float) -> list[Face]:
    shape = np.array([[-10, -10], [10, -10], [0, 0], [-8, 10], [8, 10]], dtype=np.float32)
    return [Face((x - 15, y - 15, x + 15, y + 15), 0.9, shape + np.float32([x, y]), reliability) for x, y in places]


def test_the_more_doubtful_opinion_counts() -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[:, :100], pixels[:, 100:] = 200, 99
    faces = faces_at([(50, 50), (150, 50)], 0.8)
    found = BranchJudge(registry.card("facelib-judge"), Odds()).judge(Picture(pixels, 200, 100), faces)
    assert [face.reliability for face in found] == pytest.approx([0.8, 1 / (1 + np.e)], abs=1e-6)
    assert [face.box for face in found] == [face.box for face in faces]


def test_a_crowd_comes_in_parts_and_odd_odds_are_no_error() -> None:
    odds = Odds()
    faces = faces_at([(50 + k, 50) for k in range(70)], 1.0)
    found = BranchJudge(registry.card("facelib-judge"), odds).judge(Picture(np.zeros((100, 200, 3), np.uint8), 200, 100), faces)
    assert len(found) == 70 and odds.batches == [32, 32, 6]
    assert max(face.reliability for face in found) < 1e-40


def test_only_a_judge_can_judge() -> None:
    faces = faces_at([(50, 50), (150, 50)], 0.8)
    assert load_face_judge("detector-view").judge(Picture(np.zeros((100, 200, 3), np.uint8), 200, 100), faces) == faces
    with pytest.raises(InputError, match="is a face-embedder"):
        load_face_judge("dlib-resnet")


def test_faces_of_an_album_stay_and_fabrics_go(shared: Path) -> None:
    judge = load_face_judge(DEFAULTS[FACE_JUDGE], "cpu")
    observer = Observer({**DEFAULTS, FACE_JUDGE: "detector-view"}, Thresholds(), "cpu")
    with zipfile.ZipFile(shared / "data" / "albums.zip") as album:
        name = next(n for n in album.namelist() if n.endswith("test/kit_with_rose.jpg"))
        image = Image.open(io.BytesIO(album.read(name))).convert("RGB")
    picture = Picture(np.asarray(image), *image.size)
    seen = [sighting.face for sighting in observer.detect(picture) if sighting.face]
    assert len(seen) == 2
    assert [face.reliability for face in judge.judge(picture, seen)] == [face.reliability for face in seen]

    with zipfile.ZipFile(shared / "data" / "upper-bodies.zip") as bodies:
        names = sorted(n for n in bodies.namelist() if n.startswith("garment/") and not n.endswith("/"))[7::100]
        garments = [np.asarray(Image.open(io.BytesIO(bodies.read(n))).convert("RGB").resize((96, 96))) for n in names]
    doubted = 0
    for pixels in garments:
        (face,) = judge.judge(Picture(pixels, 96, 96), faces_at([(48, 40)], 1.0))
        doubted += face.reliability < 0.5
    assert doubted >= 0.9 * len(garments)
