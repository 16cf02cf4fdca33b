"""YuNet on real photos; skipped where OpenVINO or the weights are not there."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facelib.errors import WeightsError
from facelib.model_zoo.registry import card
from facelib.records import Picture
from facelib.thresholds import Thresholds
from facelib.vision.faces import find_faces
from facelib.vision.loader import load_face_detector
from facelib.vision.protocols import FaceDetector

THRESHOLDS = Thresholds().override(dict(card("yunet").thresholds))


@pytest.fixture
def yunet(shared: Path, monkeypatch: pytest.MonkeyPatch) -> FaceDetector:
    pytest.importorskip("openvino")
    monkeypatch.setenv("FACELIB_MODELS", str(shared / "weights"))
    return load_face_detector("yunet", "cpu", 1)


def found(detector: FaceDetector, shared: Path, name: str) -> tuple[Image.Image, list]:
    with zipfile.ZipFile(shared / "data" / "albums.zip") as album:
        image = Image.open(io.BytesIO(album.read(next(n for n in album.namelist() if n.endswith(name))))).convert("RGB")
    return image, find_faces(detector, Picture(np.asarray(image), *image.size), THRESHOLDS)


def test_a_group_shows_six(yunet: FaceDetector, shared: Path) -> None:
    image, faces = found(yunet, shared, "actors/multiface.jpg")
    assert len(faces) == 6
    for face in faces:
        x0, y0, x1, y1 = face.box
        assert 0 <= x0 < x1 <= image.width and 0 <= y0 < y1 <= image.height
        left, right, nose, left_mouth, right_mouth = face.landmarks
        assert left[0] < right[0] and left_mouth[0] < right_mouth[0]
        assert max(left[1], right[1]) < nose[1] < max(left_mouth[1], right_mouth[1])


def test_agrees_with_mtcnn_on_where_the_landmarks_are(yunet: FaceDetector, shared: Path) -> None:
    _, (face, *_) = found(yunet, shared, "test_images/kate_siegel/1.jpg")
    _, (other, *_) = found(load_face_detector("mtcnn", "cpu"), shared, "test_images/kate_siegel/1.jpg")
    assert np.abs(face.landmarks - other.landmarks).max() < 0.1 * (other.box[2] - other.box[0])


@pytest.mark.parametrize("shape", [(1, 1), (3, 2000), (33, 31)])
def test_odd_shapes_do_not_trip(yunet: FaceDetector, shape: tuple[int, int]) -> None:
    assert find_faces(yunet, Picture(np.zeros((*shape, 3), np.uint8), shape[1], shape[0]), THRESHOLDS) == []


def test_missing_weights_name_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setenv("FACELIB_MODELS", str(tmp_path))
    with pytest.raises(WeightsError) as error:
        load_face_detector("yunet", "cpu")
    assert "facelib models fetch yunet" in str(error.value.advice)
