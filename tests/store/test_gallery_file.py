"""A gallery is private, complete or absent, and a file of another kind, version or state is refused and not changed."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from facelib.errors import ExitCode, GalleryError
from facelib.store import schema
from facelib.store.gallery import Gallery

from .conftest import add_photo


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_a_new_gallery_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Gallery.write(tmp_path / "new" / "deep" / "g.sqlite", "test") as gallery:
            gallery.set_note("a", "b")
            names = {path.name for path in gallery.path.parent.iterdir()}
            assert names == {"g.sqlite", "g.sqlite-wal", "g.sqlite-shm", "g.sqlite.lock"}
            assert modes(gallery.path.parent) == {0o600}
            assert stat.S_IMODE(gallery.path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_a_folder_means_the_gallery_in_it(tmp_path: Path) -> None:
    with Gallery.write(tmp_path, "test") as gallery:
        assert gallery.path == tmp_path / "gallery.sqlite"
    with Gallery.read(tmp_path) as gallery:
        assert not gallery.writable


def test_strange_names_of_galleries(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a ?mode=memory%20#\xff.sqlite")
    with Gallery.write(path, "test") as gallery:
        gallery.set_note("a", "b")
    with Gallery.read(path) as gallery:
        assert gallery.note("a") == "b"
    assert path.exists()


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="no gallery at") as caught:
        Gallery.read(tmp_path / "none.sqlite")
    assert "facelib index" in str(caught.value.advice)
    with pytest.raises(GalleryError, match="no gallery at"):
        Gallery.write(tmp_path / "none.sqlite", "test", create=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8" * 400, b"SQLite format 3\0"])
def test_what_is_no_database_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "g.sqlite"
    path.write_bytes(content)
    for opening in (lambda: Gallery.read(path), lambda: Gallery.write(path, "test")):
        with pytest.raises(GalleryError, match="not a gallery") as caught:
            opening()
        assert caught.value.exit_code == ExitCode.GALLERY
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["g.sqlite"]


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.commit()
    other.close()
    before = path.read_bytes()
    for opening in (lambda: Gallery.read(path), lambda: Gallery.write(path, "test")):
        with pytest.raises(GalleryError, match="another program"):
            opening()
    assert path.read_bytes() == before


def _closed(tmp_path: Path) -> Path:
    with Gallery.write(tmp_path / "g.sqlite", "test") as gallery:
        for k in range(200):
            add_photo(gallery, str(k))
    return tmp_path / "g.sqlite"


@pytest.mark.parametrize("part", [0.99, 0.5, 0.1, 0.02])
def test_truncated(tmp_path: Path, part: float) -> None:
    path = _closed(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    for opening in (lambda: Gallery.read(path), lambda: Gallery.write(path, "test")):
        with pytest.raises(GalleryError, match="damaged") as caught:
            opening()
        assert "backup" in str(caught.value.advice)


def test_garbled_pages_are_errors_with_advice(tmp_path: Path) -> None:
    path = _closed(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(GalleryError, match="damaged"), Gallery.read(path) as gallery:
        gallery.db.execute("SELECT count(*), sum(length(sha256)) FROM photos NOT INDEXED").fetchall()


@pytest.mark.parametrize(("version", "message", "advice"), [(schema.VERSION + 1, "newer facelib", "update"), (0, "damaged", "backup")])
def test_other_versions(tmp_path: Path, version: int, message: str, advice: str) -> None:
    path = _closed(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()
    for opening in (lambda: Gallery.read(path), lambda: Gallery.write(path, "test")):
        with pytest.raises(GalleryError, match=message) as caught:
            opening()
        assert advice in str(caught.value.advice)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_to_write(tmp_path: Path) -> None:
    path = _closed(tmp_path)
    tmp_path.chmod(0o500)
    try:
        with Gallery.read(path) as gallery:
            assert gallery.models()
        with pytest.raises(GalleryError, match="cannot be written"):
            Gallery.write(tmp_path / "other.sqlite", "test")
    finally:
        tmp_path.chmod(0o700)


def test_half_a_gallery_never_exists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "g.sqlite"
    with monkeypatch.context() as patched:
        patched.setattr(schema, "derived_statements", lambda: ("CREATE TABLE broken (",))
        with pytest.raises(GalleryError):
            Gallery.write(path, "test")
    assert not path.exists()
    # What a killed process left behind is no obstacle either.
    path.with_name("g.sqlite.new").write_bytes(b"half")
    with Gallery.write(path, "test") as gallery:
        assert gallery.models()
    assert not path.with_name("g.sqlite.new").exists()
