"""Stored and upright agree with what the decoder does to the pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facelib.errors import PhotoError
from facelib.exchange.orientation import Frame, read_frame, same_shape
from facelib.photos.decode import decode
from tests.foreign import boxes, save_photo


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_area_goes_where_its_pixels_go(tmp_path: Path, orientation: int) -> None:
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[4:12, 6:24] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.png"
    Image.fromarray(stored).save(path, exif=exif)
    picture = decode(path, 1000, 10**6)
    rows, columns = np.nonzero(picture.pixels[:, :, 0])
    seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    frame = read_frame(path)
    assert (frame.width, frame.height, frame.orientation) == (picture.width, picture.height, orientation)
    assert frame.stored == (60, 40)
    assert frame.to_pixels(frame.to_upright((6 / 60, 4 / 40, 24 / 60, 12 / 40))) == pytest.approx(seen)


@given(st.integers(1, 8), boxes())
def test_lying_down_undoes_rising(orientation: int, box: tuple[float, float, float, float]) -> None:
    frame = Frame(640, 480, orientation)
    area = frame.to_fractions(box)
    assert frame.to_upright(frame.to_stored(area)) == pytest.approx(area)
    assert frame.to_stored(frame.to_upright(area)) == pytest.approx(area)
    assert frame.to_pixels(area) == pytest.approx(box)


@pytest.mark.parametrize(("suffix", "orientation"), [(s, o) for s in ("jpg", "tif", "png", "webp", "heic", "avif") for o in (1, 3, 6)])
def test_every_format_tells_its_frame(tmp_path: Path, suffix: str, orientation: int) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    path = tmp_path / f"a.{suffix}"
    frame = save_photo(path, orientation)
    assert read_frame(path) == frame
    picture = decode(path, 1000, 10**6)
    assert (picture.width, picture.height) == frame.upright


def test_what_a_size_says() -> None:
    turned = Frame(480, 640, 6)
    assert turned.applies_to(None) == "stored"
    assert turned.applies_to((640, 480)) == turned.applies_to((1280, 961)) == "stored"
    assert turned.applies_to((480, 640)) == turned.applies_to((120, 160)) == "upright"
    assert turned.applies_to((640, 640)) == turned.applies_to((0, 640)) == "other"
    assert Frame(640, 480, 3).applies_to((640, 480)) == "stored"
    assert Frame(640, 480, 1).applies_to((480, 640)) == "other"
    assert Frame(500, 501, 6).applies_to((500, 501)) == "upright"
    assert Frame(500, 501, 6).applies_to((501, 500)) == "stored"


def test_thumbnails_have_the_shape_of_their_photo() -> None:
    assert same_shape((4032, 3024), (160, 120)) and same_shape((5184, 3456), (160, 107))
    assert not same_shape((400, 300), (300, 200)) and not same_shape((5184, 3456), (160, 120))


def test_no_picture_no_frame(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(PhotoError):
        read_frame(tmp_path / "a.jpg")
    with pytest.raises(PhotoError, match="missing"):
        read_frame(tmp_path / "b.jpg")
