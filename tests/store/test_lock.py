"""One process writes at a time; the lock names its holder and ends with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from facelib.errors import GalleryBusyError, GalleryError
from facelib.store.lock import WriterLock


def test_one_at_a_time_and_the_next_after_release(tmp_path: Path) -> None:
    first = WriterLock(tmp_path / "g", "facelib index")
    with pytest.raises(GalleryBusyError, match="'facelib index'") as caught:
        WriterLock(tmp_path / "g", "facelib name")
    assert "reading commands work" in str(caught.value.advice)
    first.release()
    first.release()
    WriterLock(tmp_path / "g", "facelib name").release()
    assert (tmp_path / "g.lock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b'{"pid": 1, "holder": "facelib index"}', b"\xff garbage", b"[1]", b""])
def test_what_a_dead_holder_left_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "g.lock").write_bytes(content)
    lock = WriterLock(tmp_path / "g", "test")
    with pytest.raises(GalleryBusyError, match="'test'"):
        WriterLock(tmp_path / "g", "other")
    lock.release()


@pytest.mark.parametrize("content", [b"\xff garbage", b"[1]", b""])
def test_a_holder_that_cannot_say_its_name_holds_all_the_same(tmp_path: Path, content: bytes) -> None:
    lock = WriterLock(tmp_path / "g", "test")
    (tmp_path / "g.lock").write_bytes(content)
    with pytest.raises(GalleryBusyError, match="another process"):
        WriterLock(tmp_path / "g", "other")
    lock.release()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="cannot be written"):
        WriterLock(tmp_path / "none" / "g", "test")


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "g.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(GalleryError):
        WriterLock(tmp_path / "g", "test")
    assert not (tmp_path / "precious").exists()
