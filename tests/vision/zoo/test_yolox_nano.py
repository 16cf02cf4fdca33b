"""YOLOX: its grid; and the people of real photos where the weights are there."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facelib.vision.loader import load_body_detector
from facelib.vision.zoo.yolox_nano import grid


def test_the_grid_is_the_nets_order() -> None:
    corner, stride = grid(416)
    assert corner.shape == (3549, 2) and stride.shape == (3549, 1)
    assert corner[1].tolist() == [1, 0] and corner[52].tolist() == [0, 1]
    assert stride[2703, 0] == 8 and stride[2704, 0] == 16 and stride[-1, 0] == 32


@pytest.mark.parametrize(("name", "people"), [("actors/multiface.jpg", 6), ("test/kit_with_rose.jpg", 2), ("couple/13.jpg", 0)])
def test_counts_people(shared: Path, monkeypatch: pytest.MonkeyPatch, name: str, people: int) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setenv("FACELIB_MODELS", str(shared / "weights"))
    detector = load_body_detector("yolox-nano", "cpu", 1)
    with zipfile.ZipFile(shared / "data" / "albums.zip") as album:
        image = Image.open(io.BytesIO(album.read(next(n for n in album.namelist() if n.endswith(name))))).convert("RGB")
    boxes, scores = detector.detect(np.asarray(image))
    assert (scores >= 0.4).sum() == people
    assert boxes.dtype == np.float32 and (boxes[:, 2:] <= image.size).all()
