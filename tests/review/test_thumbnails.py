"""Crops: right, private, made once, and gone when they are to be forgotten."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facelib.errors import PhotoError
from facelib.records import Picture
from facelib.review import thumbnails
from facelib.review.thumbnails import SIDE, Thumbnails, cached, clear, crop, folder, forget
from tests.review.conftest import SIZE, box, picture

SHA, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def photo(tmp_path: Path) -> str:
    picture(tmp_path / "photo.jpg")
    return str(tmp_path / "photo.jpg")


def test_a_crop_shows_the_face_and_is_made_once(photo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "_COSTLY", 1000)
    content = Thumbnails().get(SHA, photo, SIZE, box(7), [box(7), box(8)])
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (SIDE, SIDE))
        seen = image.getpixel((SIDE // 2, SIDE // 3))
    with Image.open(photo) as whole:
        x0, y0, x1, y1 = box(7)
        expected = whole.getpixel((int((x0 + x1) / 2), int(y0 + (y1 - y0) * 0.21)))
    assert seen == pytest.approx(expected, abs=25)
    Path(photo).unlink()
    assert Thumbnails().get(SHA, photo, SIZE, box(7)) == content
    assert cached(SHA, box(8)) is not None, "made on the way"
    assert cached(SHA, box(9)) is None


def test_only_the_owner_may_read_crops(photo: str) -> None:
    Thumbnails().get(SHA, photo, SIZE, box(0))
    for place in (folder(), *folder().rglob("*")):
        assert place.stat().st_mode & 0o077 == 0, place


def test_forget_and_clear_delete(photo: str) -> None:
    for sha in (SHA, OTHER):
        Thumbnails().get(sha, photo, SIZE, box(0))
    assert forget([SHA, "00" * 32]) == 1
    assert cached(SHA, box(0)) is None
    assert cached(OTHER, box(0)) is not None
    clear()
    assert not folder().exists()
    clear()


def test_another_picture_under_the_old_name_is_not_shown(photo: str) -> None:
    with pytest.raises(PhotoError, match="another picture"):
        Thumbnails().get(SHA, photo, (SIZE[0] + 1, SIZE[1]), box(0))
    with pytest.raises(PhotoError):
        Thumbnails().get(SHA, photo + ".gone", SIZE, box(0))
    assert not folder().exists()


def test_a_cache_that_cannot_be_written_costs_nothing(photo: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert Thumbnails().get(SHA, photo, SIZE, box(0))


coordinate = st.floats(-500, 900, allow_nan=False)


@given(coordinate, coordinate, st.floats(0, 900), st.floats(0, 900), st.integers(1, 60), st.integers(1, 60))
def test_any_box_gives_a_square(x: float, y: float, w: float, h: float, width: int, height: int) -> None:
    import numpy as np

    pixels = Picture(np.zeros((height, width, 3), dtype=np.uint8), 4 * width, 4 * height)
    with Image.open(io.BytesIO(crop(pixels, (x, y, x + w, y + h), 24))) as image:
        assert image.size == (24, 24)


def test_the_whole_photo_is_at_most_as_large_as_asked(photo: str) -> None:
    with Image.open(io.BytesIO(thumbnails.resized_photo(photo, SIZE, 200))) as image:
        assert image.size == (200, 150)
