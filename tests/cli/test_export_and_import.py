"""``facelib import`` and ``facelib export`` as users and scripts see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facelib.errors import ExitCode
from facelib.store.gallery import Gallery
from tests.foreign import Library

Call = Callable[..., Any]


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """A gallery with one photo of Ana and somebody else; ``photos`` is the folder beside it."""
    path = tmp_path / "gallery.sqlite"
    (tmp_path / "photos").mkdir()
    with Gallery.write(path, "test") as opened:
        library = Library(tmp_path / "photos", opened)
        library.say(library.add("a.jpg", 50, 200), 0, "Ana \x1b[31m".replace("\x1b[31m", "<b>"))
    return path


def names(path: Path) -> list[str | None]:
    with Gallery.read(path) as opened:
        return [name for photo in (1,) for name in Library(path.parent / "photos", opened).names(photo)]


def test_out_and_in(facelib: Call, gallery: Path) -> None:
    photos = gallery.parent / "photos"
    done = facelib("export", "xmp", "--gallery", gallery, "--dry-run")
    assert done.code == ExitCode.DONE and "1 files would be written" in done.out and not (photos / "a.jpg.xmp").exists()
    assert "1 files written" in facelib("export", "xmp", "--gallery", gallery).out and (photos / "a.jpg.xmp").exists()
    table = facelib("export", "csv", "--gallery", gallery)
    assert table.code == ExitCode.DONE, table.err
    assert table.out.splitlines()[0].startswith("photo,sha256,name") and len(table.out.splitlines()) == 3
    (photos / "people.csv").write_text(table.out)
    with Gallery.write(gallery, "test") as opened:
        for each in ("verdicts", "answers", "people"):
            opened.db.execute(f"DELETE FROM {each}")
    assert names(gallery) == [None, None]
    dry = facelib("import", "xmp", "--gallery", gallery, "--dry-run", "--json")
    assert dry.code == ExitCode.DONE, dry.err
    assert json.loads(dry.out)["import"]["matched"] == 1 and names(gallery) == [None, None]
    assert facelib("import", "xmp", "--gallery", gallery).code == ExitCode.DONE
    assert names(gallery) == ["Ana <b>", None]
    again = facelib("import", "csv", photos / "people.csv", "--gallery", gallery)
    assert "0 names imported from 1 photos; 1 were known already" in again.out


def test_what_could_not_be_read_is_told(facelib: Call, gallery: Path) -> None:
    (gallery.parent / "photos" / "a.jpg.xmp").write_bytes(b"<!DOCTYPE x><x/>")
    done = facelib("import", "xmp", gallery.parent / "photos", "--gallery", gallery)
    assert done.code == ExitCode.PARTIAL and "document type" in done.out
    left = facelib("export", "xmp", "--gallery", gallery)
    assert left.code == ExitCode.PARTIAL and "1 photos could not be written" in left.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "csv"], ["import", "json", "gone"], ["import", "xmp", "gone"], ["import", "nothing"], ["export", "nothing"],
        ["export", "csv", "--likely"], ["export", "xmp", "--write-originals"],
    ],
)  # fmt: skip
def test_bad_usage(facelib: Call, gallery: Path, arguments: list[str]) -> None:
    done = facelib(*arguments, "--gallery", gallery)
    assert done.code == ExitCode.USAGE and done.err and not done.out


def test_no_gallery(facelib: Call, tmp_path: Path) -> None:
    for command in ("import", "export"):
        assert facelib(command, "xmp", "--gallery", tmp_path / "gone.sqlite").code == ExitCode.GALLERY
    assert not (tmp_path / "gone.sqlite").exists()
