"""A photo's bytes are read once: whatever happens to the file afterwards, what is decoded is what was hashed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facelib.errors import PhotoError
from facelib.photos import content, image_file
from facelib.photos.capture_time import read_capture
from facelib.photos.content import read_photo
from facelib.photos.decode import decode
from facelib.records import Picture

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

LIMITS = (1280, 50_000_000)
SUFFIXES = [".jpg", ".png", ".tif", ".webp", ".heic", ".avif", ".bmp", ".pgm", ".gif"]


def save(path: Path, level: int) -> Path:
    """A grey picture; stored without compression where the format can."""
    image_file.register_formats()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"2024:07:{1 + level // 10:02} 12:00:00"
    options = {"exif": exif.tobytes()} if path.suffix in (".jpg", ".png", ".tif", ".webp", ".heic", ".avif") else {}
    Image.new("L", (640, 480), level).save(path, **options)
    return path


@pytest.fixture(params=[content.MOST_IN_MEMORY, -1], ids=["in memory", "from the file"])
def most_in_memory(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(content, "MOST_IN_MEMORY", request.param)
    return int(request.param)


def level(picture: Picture) -> int:
    return round(float(picture.pixels.mean()))


@pytest.mark.usefixtures("most_in_memory")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_is_replaced_or_removed_after_it_was_read(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a{suffix}", 50)
    data, capture = path.read_bytes(), read_capture(path)
    with read_photo(path) as read:
        save(tmp_path / f"b{suffix}", 200).rename(path)
        assert read.fingerprint.sha256 == hashlib.sha256(data).hexdigest() and read.fingerprint.size == len(data)
        picture, taken = read.decode(*LIMITS)
        assert abs(level(picture) - 50) <= 2 and taken == capture
        path.unlink()
        again, _ = read.decode(*LIMITS)
        assert np.array_equal(again.pixels, picture.pixels)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_is_written_to_after_it_was_read(tmp_path: Path, suffix: str, most_in_memory: int) -> None:
    path = save(tmp_path / f"a{suffix}", 50)
    later = save(tmp_path / f"b{suffix}", 200).read_bytes()
    os.utime(path, (1e9, 1e9))
    with read_photo(path) as read:
        path.write_bytes(later)
        if most_in_memory >= 0:
            assert abs(level(read.decode(*LIMITS)[0]) - 50) <= 2
        else:
            with pytest.raises(PhotoError) as refused:
                read.decode(*LIMITS)
            assert refused.value.kind == "changed"


def test_a_damaged_file_that_changed_is_a_changed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_IN_MEMORY", -1)
    path = save(tmp_path / "a.jpg", 50)
    with read_photo(path) as read:
        os.truncate(path, 200)
        with pytest.raises(PhotoError, match="changed"):
            read.decode(*LIMITS)


@pytest.mark.usefixtures("most_in_memory")
def test_it_is_decoded_as_from_the_path(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        path = save(tmp_path / f"a{suffix}", 90)
        with read_photo(path) as read:
            picture, capture = read.decode(*LIMITS)
        assert np.array_equal(picture.pixels, decode(path, *LIMITS).pixels) and capture == read_capture(path)


@pytest.mark.usefixtures("most_in_memory")
def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.jpg", 50)
    original = content.read_unchanged

    def growing(file, read):  # type: ignore[no-untyped-def]
        def read_and_grow() -> object:
            found = read()
            with path.open("ab") as writer:
                writer.write(b"more")
            return found

        return original(file, read_and_grow)

    monkeypatch.setattr(content, "read_unchanged", growing)
    with pytest.raises(PhotoError, match="changed: the file changed while it was read"), read_photo(path):
        pass


def test_the_file_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.jpg", 50)
    opened: list[Path] = []
    original = content.open_photo
    monkeypatch.setattr(content, "open_photo", lambda path: (opened.append(path), original(path))[1])
    for module in ("decode", "capture_time", "fingerprint"):
        monkeypatch.setattr(f"facelib.photos.{module}.open_photo", lambda path: pytest.fail(f"{path} was opened again"))
    with read_photo(path) as read:
        read.decode(*LIMITS)
    assert opened == [path]


def test_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kind(path: Path) -> str:
        with pytest.raises(PhotoError) as refused, read_photo(path):
            pass
        return refused.value.kind

    assert kind(tmp_path / "none.jpg") == "missing" and kind(tmp_path) == "unreadable"

    def full(*_: object) -> None:
        raise MemoryError

    path = save(tmp_path / "a.jpg", 50)
    monkeypatch.setattr(content.hashlib, "file_digest", full)
    monkeypatch.setattr(content, "MOST_IN_MEMORY", -1)
    assert kind(path) == "memory"
