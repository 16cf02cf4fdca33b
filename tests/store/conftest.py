"""A small gallery, and a way to fill it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facelib.records import Body, Box, Face, Sighting
from facelib.store.gallery import Gallery
from facelib.store.photos import FileRow, photo_by_sha, put_files


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def add_photo(gallery: Gallery, name: str) -> int:
    """A photo whose content and path follow from its name."""
    put_files(gallery, [FileRow(f"/pictures/{name}.jpg", 10, 20, sha(name))])
    row = photo_by_sha(gallery, sha(name))
    assert row is not None
    return row.id


def face(x: float, y: float = 100.0, side: float = 100.0) -> Face:
    return Face((x, y, x + side, y + side), 0.99, np.arange(10, dtype=np.float32).reshape(5, 2), 0.9)


def body(x: float, y: float = 200.0) -> Body:
    return Body((x, y, x + 200, y + 300), 0.5)


def sighting(x: float) -> Sighting:
    return Sighting(face(x), body(x - 50))


def shifted(box: Box, dx: float) -> Box:
    return box[0] + dx, box[1], box[2] + dx, box[3]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with Gallery.write(tmp_path / "gallery.sqlite", "test") as opened:
        yield opened
