"""Looking for faces: sizes, retries, and coordinates of the full-size photo. The detector is a stand-in but for real photos."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facelib.errors import InputError
from facelib.records import Picture
from facelib.thresholds import Thresholds
from facelib.vision.faces import CLOSE_UP_SIDE, find_faces, shrink
from facelib.vision.loader import load_face_detector
from facelib.vision.protocols import FaceDetector

THRESHOLDS = Thresholds()


class Marks:
    """Takes every patch of a given red for a face, and notes how it was asked."""

    def __init__(self, answers_at: int = 0, score: float = 0.95) -> None:
        self.calls: list[tuple[tuple[int, ...], float, bool]] = []
        self.answers_at = answers_at
        self.score = score

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        self.calls.append((pixels.shape, min_face, fine))
        rows, columns = np.nonzero((pixels[..., 0] > 200) & (pixels[..., 1] < 60))
        if len(self.calls) <= self.answers_at or not len(rows):
            return np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 5, 2), np.float32)
        box = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], dtype=np.float32)
        size = box[0, 2:] - box[0, :2]
        points = box[0, :2] + size * np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
        return box, np.array([self.score], np.float32), points[None].astype(np.float32)


def red_square(height: int, width: int, box: tuple[int, int, int, int]) -> np.ndarray:
    pixels = np.full((height, width, 3), 120, dtype=np.uint8)
    pixels[box[1] : box[3], box[0] : box[2]] = (255, 0, 0)
    return pixels


def test_boxes_come_back_in_full_size_pixels() -> None:
    detector = Marks()
    picture = Picture(red_square(1512, 2016, (400, 300, 600, 540)), 4032, 3024)
    (face,) = find_faces(detector, picture, THRESHOLDS)
    assert detector.calls == [((960, 1280, 3), pytest.approx(25.6), False)]
    assert face.box == pytest.approx((800, 600, 1200, 1080), abs=8)
    assert face.landmarks[2] == pytest.approx((1000, 888), abs=8)


def test_small_pictures_are_not_enlarged() -> None:
    detector = Marks()
    find_faces(detector, Picture(red_square(200, 320, (100, 50, 160, 120)), 320, 200), THRESHOLDS)
    assert detector.calls[0][0] == (200, 320, 3)


def test_nothing_found_means_a_close_up_look_then_a_fine_one() -> None:
    detector = Marks(answers_at=3)
    assert find_faces(detector, Picture(np.zeros((3000, 4000, 3), np.uint8), 4000, 3000), THRESHOLDS) == []
    (first, _, _), (second, least, _), (third, finest, fine) = detector.calls
    assert first == (960, 1280, 3) and max(second) > CLOSE_UP_SIDE and max(third) == 1920
    assert least > 50 and finest == pytest.approx(1920 * 0.012) and fine


@pytest.mark.parametrize("answers_at", [1, 2])
def test_retries_map_back_as_well(answers_at: int) -> None:
    picture = Picture(red_square(1512, 2016, (400, 300, 600, 540)), 4032, 3024)
    (face,) = find_faces(Marks(answers_at), picture, THRESHOLDS)
    assert face.box == pytest.approx((800, 600, 1200, 1080), abs=24)


def test_faces_below_the_score_are_dropped() -> None:
    picture = Picture(red_square(480, 640, (100, 100, 200, 220)), 640, 480)
    assert find_faces(Marks(score=0.85), picture, THRESHOLDS) == []
    assert len(find_faces(Marks(score=0.85), picture, THRESHOLDS.override({"face_score": 0.8}))) == 1


class Fixed:
    """Gives the same boxes whatever it is shown."""

    def __init__(self, boxes: list[list[float]]) -> None:
        self.boxes = np.array(boxes, dtype=np.float32)

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        count = len(self.boxes)
        return self.boxes, np.linspace(0.99, 0.95, count, dtype=np.float32), np.zeros((count, 5, 2), np.float32)


def test_nested_boxes_go_order_is_by_size_and_boxes_are_clipped() -> None:
    detector = Fixed([[10, 10, 40, 40], [-20, 200, 80, 300], [12, 12, 38, 38], [300, 900, 340, 950]])
    faces = find_faces(detector, Picture(np.zeros((400, 400, 3), np.uint8), 400, 400), THRESHOLDS)
    assert [face.box for face in faces] == [(0, 200, 80, 300), (10, 10, 40, 40)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3)])
def test_odd_shapes_do_not_trip(shape: tuple[int, int]) -> None:
    detector = load_face_detector("mtcnn", "cpu")
    assert find_faces(detector, Picture(np.zeros((*shape, 3), np.uint8), shape[1], shape[0]), THRESHOLDS) == []


def test_shrink_keeps_the_shape() -> None:
    assert shrink(np.zeros((3, 5000, 3), np.uint8), 1280).shape == (1, 1280, 3)


def test_only_face_detectors_load() -> None:
    with pytest.raises(InputError, match="dlib-resnet"):
        load_face_detector("dlib-resnet", "cpu")


@pytest.fixture(scope="module")
def mtcnn() -> FaceDetector:
    return load_face_detector("mtcnn", "cpu")


def read(shared: Path, archive: str, name: str) -> Image.Image:
    with zipfile.ZipFile(shared / "data" / archive) as members:
        found = next(entry for entry in members.namelist() if entry.endswith(name))
        return Image.open(io.BytesIO(members.read(found))).convert("RGB")


def test_a_face_that_fills_the_picture_is_found(mtcnn: FaceDetector, shared: Path) -> None:
    image = read(shared, "albums.zip", "test_images/paul_rudd/1.jpg")
    (face, *_) = find_faces(mtcnn, Picture(np.asarray(image), *image.size), THRESHOLDS)
    x0, y0, x1, y1 = (round(v) for v in face.box)
    close_up = image.crop((x0, y0, x1, y1))
    (large, *_) = find_faces(mtcnn, Picture(np.asarray(close_up), *close_up.size), THRESHOLDS)
    assert (large.box[3] - large.box[1]) > 0.7 * close_up.height


def test_photos_without_people_show_none_and_groups_show_all(mtcnn: FaceDetector, shared: Path) -> None:
    counts = {}
    for name in ("couple/13.jpg", "couple/14.jpg", "couple/15.jpg", "actors/multiface.jpg", "couple/8.jpg"):
        image = read(shared, "albums.zip", name)
        counts[name] = len(find_faces(mtcnn, Picture(np.asarray(image), *image.size), THRESHOLDS))
    assert counts["actors/multiface.jpg"] == 6, counts
