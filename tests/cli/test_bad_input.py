"""What cannot be used ends with a sentence and the documented exit code, and harms nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from facelib.store.gallery import Gallery

READING = [
    ["people"],
    ["people", "--together", "Ana"],
    ["find", "Ana"],
    ["undo", "--list"],
    ["verify", "Ana", "a.jpg"],
    ["status"],
    ["export", "json"],
    ["models", "list"],
]
WRITING = [
    ["name", "c1", "Ana"],
    ["merge", "c1", "c2"],
    ["split", "c1"],
    ["hide", "c1"],
    ["undo"],
    ["forget", "--all", "--yes"],
    ["models", "use", "face-geometry"],
]
IDS = "-".join
EMPTY = "EMPTY"
"""Stands for an empty folder."""


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    path = tmp_path / "gallery.sqlite"
    Gallery.write(path, "test").close()
    return path


def ends_with(ended, code: int) -> None:
    """One sentence, perhaps an advice, no traceback, no results."""
    assert ended.code == code, ended.err
    lines = ended.err.splitlines()
    assert 1 <= len(lines) <= 2, ended.err
    assert lines[0].startswith("facelib: ")
    assert "Traceback" not in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("command", [*READING, *WRITING], ids=IDS)
def test_no_gallery_but_another_file(command: list[str], tmp_path: Path, facelib) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear Ana, " * 100)
    ends_with(facelib("--gallery", path, *command), 3)
    assert path.read_bytes() == b"Dear Ana, " * 100


@pytest.mark.parametrize("command", [*READING, *WRITING], ids=IDS)
def test_a_newer_gallery(command: list[str], gallery: Path, facelib) -> None:
    with sqlite3.connect(gallery) as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    before = gallery.read_bytes()
    ends_with(facelib("--gallery", gallery, *command), 3)
    assert gallery.read_bytes() == before


@pytest.mark.parametrize("command", [["people"], ["name", "c1", "Ana"]], ids=IDS)
def test_no_gallery_at_all(command: list[str], tmp_path: Path, facelib) -> None:
    ends_with(facelib("--gallery", tmp_path / "none.sqlite", *command), 3)
    assert not (tmp_path / "none.sqlite").exists()


@pytest.fixture
def held(gallery: Path) -> Iterator[Path]:
    with Gallery.write(gallery, "facelib index /photos"):
        yield gallery


def test_a_busy_gallery_is_not_written_but_read(held: Path, tmp_path: Path, facelib) -> None:
    ended = facelib("--gallery", held, "name", "c1", "Ana")
    ends_with(ended, 4)
    assert "facelib index /photos" in ended.err
    ends_with(facelib("--gallery", held, "index", tmp_path), 4)
    assert facelib("--gallery", held, "people").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["index"],
        ["index", "/no/such/folder"],
        ["index", EMPTY, "--limit", "-1"],
        ["index", EMPTY, "--time-budget", "soon"],
        ["who"],
        ["faces"],
        ["name", "c1"],
        ["export", "nonsense"],
        ["people", "--nonsense"],
        ["--config", "/no/such/file.toml", "index", EMPTY],
    ],
    ids=IDS,
)
def test_usage(arguments: list[str], tmp_path: Path, facelib) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    ends_with(facelib(*(folder if argument == EMPTY else argument for argument in arguments)), 2)


def test_index_without_the_weights_in_use(gallery: Path, tmp_path: Path, facelib) -> None:
    with Gallery.write(gallery, "test") as opened:
        opened.use_model("face-detector", "yunet")
    ended = facelib("--gallery", gallery, "index", tmp_path)
    ends_with(ended, 5)
    assert "facelib models fetch yunet" in ended.err
