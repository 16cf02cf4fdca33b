"""The development sets as the scripts read them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from facelib.model_zoo import registry
from facelib.records import Face
from facelib.vision.protocols import Detections

Import = Callable[[str], ModuleType]


def set_of(folder: Path, name: str) -> None:
    """Two families; a photo's grey tells who it shows, black ones show nobody."""
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        greys = {"F1/MID1/a.png": 200, "F1/MID1/b.png": 190, "F1/MID2/c.png": 120, "F2/MID1/d.png": 60, "F2/MID1/e.png": 0}
        for place, grey in greys.items():
            held = io.BytesIO()
            Image.new("RGB", (64, 48), (grey, grey, grey)).save(held, "PNG")
            archive.writestr(place, held.getvalue())
        archive.writestr("notes.txt", "no photo")


@dataclass
class Grey:
    """A detector that finds the middle of all but black photos, and an embedder that knows a face by its brightness."""

    card: registry.ModelCard
    calls: int = 0

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> Detections:
        found = int(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].max() > 0)
        points = np.array([[[24, 18], [40, 18], [32, 26], [26, 34], [38, 34]]], dtype=np.float32)
        return np.array([[14, 6, 50, 44]], dtype=np.float32)[:found], np.ones(found, dtype=np.float32), points[:found]

    def embed(self, chips: np.ndarray) -> np.ndarray:
        self.calls += len(chips)
        angle = chips.mean(axis=(1, 2, 3)) / 100
        rows = np.zeros((len(chips), self.card.dimension), dtype=np.float32)
        rows[:, 0], rows[:, 1] = np.cos(angle), np.sin(angle)
        return rows


@pytest.fixture
def grey(script: Import, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, Grey]:
    sets = script("development_sets.labelled_sets")
    made = Grey(registry.card("dlib-resnet"))
    monkeypatch.setattr(sets, "load_face_detector", lambda *_: made)
    monkeypatch.setattr(sets, "load_face_embedder", lambda *_: made)
    return sets, made


def test_one_face_a_photo_with_its_person_and_family(grey: tuple[ModuleType, Grey], tmp_path: Path) -> None:
    sets, _ = grey
    set_of(tmp_path, "families-dev")
    found = sets.labelled(tmp_path, "families-dev", "mtcnn", "dlib-resnet", None)
    assert found.photos == 5 and found.files.tolist() == ["F1/MID1/a.png", "F1/MID1/b.png", "F1/MID2/c.png", "F2/MID1/d.png"]
    assert found.person.tolist() == [0, 0, 1, 2] and found.family.tolist() == [0, 0, 0, 1]
    distances = 1 - found.vectors @ found.vectors.T
    assert distances[0, 1] < 0.02 < distances[0, 2] < distances[0, 3]


def test_the_cache_is_read_for_the_same_weights_only(
    grey: tuple[ModuleType, Grey], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets, made = grey
    set_of(tmp_path, "families-dev")
    first = sets.labelled(tmp_path, "families-dev", "mtcnn", "dlib-resnet", tmp_path / "cache")
    again = sets.labelled(tmp_path, "families-dev", "mtcnn", "dlib-resnet", tmp_path / "cache")
    assert made.calls == 4 and np.array_equal(first.vectors, again.vectors) and first.photos == again.photos
    monkeypatch.setattr(registry.ModelCard, "digest", property(lambda card: "other"))
    sets.labelled(tmp_path, "families-dev", "mtcnn", "dlib-resnet", tmp_path / "cache")
    assert made.calls == 8


def test_the_subject_of_a_photo(script: Import) -> None:
    sets = script("development_sets.labelled_sets")
    picture = sets.Picture(np.zeros((100, 100, 3), dtype=np.uint8), 100, 100)
    large, central = (Face(box, 1.0, np.zeros((5, 2))) for box in ((0.0, 0.0, 60.0, 60.0), (40.0, 40.0, 62.0, 62.0)))
    assert sets.subject([large, central], picture, sets.LARGEST) is large
    assert sets.subject([large, central], picture, sets.CENTRAL) is central
    assert sets.subject([], picture, sets.CENTRAL) is None
