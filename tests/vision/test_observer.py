"""Detectors and embedders together; what is missing; nothing loaded before it is needed."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facelib.model_zoo.registry import BODY_EMBEDDER, DEFAULTS, FACE_DETECTOR, FACE_EMBEDDER
from facelib.records import Picture, Sighting
from facelib.thresholds import Thresholds
from facelib.vision.observer import Observer, missing


class Means:
    """An embedder of mean colours that notes how many pictures it got at a time."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, pictures: np.ndarray) -> np.ndarray:
        self.batches.append(len(pictures))
        rows = pictures.reshape(len(pictures), -1, 3).mean(axis=1) + 1e-3
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def observe(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        return self.embed(pictures), None


def crowd(count: int) -> tuple[Picture, list[Sighting]]:
    from facelib.records import Body, Face

    pixels = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    points = np.array([[40, 40], [60, 40], [50, 50], [43, 60], [57, 60]], dtype=np.float32)
    people = []
    for k in range(count):
        face = Face((30.0, 30.0, 70.0, 70.0), 0.9, points + k, 0.8) if k % 3 else None
        people.append(Sighting(face, Body((20.0 + k, 80.0, 90.0 + k, 160.0), 0.5) if k % 2 or face is None else None))
    return Picture(pixels, 800, 600), people


def test_embeddings_stand_beside_what_they_were_made_from(monkeypatch: pytest.MonkeyPatch) -> None:
    faces, bodies = Means(), Means()
    monkeypatch.setattr("facelib.vision.loader.load_face_embedder", lambda *_: faces)
    monkeypatch.setattr("facelib.vision.loader.load_body_embedder", lambda *_: bodies)
    picture, people = crowd(70)
    seen = Observer(DEFAULTS, Thresholds()).embed(picture, people)
    assert [(s.face, s.body) for s in seen] == [(s.face, s.body) for s in people]
    assert all((s.face is None) == (s.face_embedding is None) and (s.body is None) == (s.body_embedding is None) for s in seen)
    assert max(faces.batches) == 32 and sum(faces.batches) == sum(s.face is not None for s in people)
    alone = Observer(DEFAULTS, Thresholds()).embed(picture, people[41:42])
    assert np.allclose(alone[0].face_embedding, seen[41].face_embedding, atol=1e-6)


class Doubtful(Means):
    """Trusts the first picture of a batch with 0.2, the others fully."""

    def observe(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        return self.embed(pictures), np.where(np.arange(len(pictures)) == 0, 0.2, 1.0).astype(np.float32)


def test_an_embedder_can_lower_what_a_face_is_trusted_with_but_not_raise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facelib.vision.loader.load_face_embedder", lambda *_: Doubtful())
    monkeypatch.setattr("facelib.vision.loader.load_body_embedder", lambda *_: Means())
    picture, people = crowd(6)
    before = [s.face.reliability for s in people if s.face]
    after = [s.face.reliability for s in Observer(DEFAULTS, Thresholds()).embed(picture, people) if s.face]
    assert after[0] == pytest.approx(min(before[0], 0.2)) and after[1:] == before[1:]


def test_no_sightings_load_no_model() -> None:
    observer = Observer({FACE_EMBEDDER: "facenet-vggface2", BODY_EMBEDDER: "body-reid-0286"}, Thresholds())
    assert observer.embed(Picture(np.zeros((10, 10, 3), np.uint8), 10, 10), []) == []


def test_missing_names_what_cannot_run_and_loads_no_torch(tmp_path: Path) -> None:
    assert missing(DEFAULTS) == []
    program = (
        "import sys; from facelib.vision.observer import missing; from facelib.model_zoo.registry import DEFAULTS, FACE_DETECTOR;"
        "found = missing({**DEFAULTS, FACE_DETECTOR: 'yunet'}); assert [c.name for c in found] == ['yunet'], found;"
        "assert 'torch' not in sys.modules and 'openvino' not in sys.modules"
    )
    environment = {"FACELIB_MODELS": str(tmp_path), "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_couple_is_two_people_with_clothes(shared: Path) -> None:
    with zipfile.ZipFile(shared / "data" / "albums.zip") as album:
        name = next(n for n in album.namelist() if n.endswith("test/kit_with_rose.jpg"))
        image = Image.open(io.BytesIO(album.read(name))).convert("RGB")
    picture = Picture(np.asarray(image), *image.size)
    observer = Observer(DEFAULTS, Thresholds(), "cpu")
    seen = observer.embed(picture, observer.detect(picture))
    assert len(seen) == 2 and all(s.face and s.body for s in seen)
    for sighting in seen:
        assert sighting.face_embedding is not None and sighting.body_embedding is not None
        assert np.linalg.norm(sighting.face_embedding) == pytest.approx(1, abs=1e-4)
    assert DEFAULTS[FACE_DETECTOR] == "mtcnn"
