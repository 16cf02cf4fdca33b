"""A disk that is really full: a clear sentence, no half-made gallery, nothing lost, and the same command goes on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facelib.errors import GalleryError
from facelib.store.gallery import Gallery
from facelib.store.photos import FileRow, known_files, put_files
from tests.store.conftest import sha


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """``disk(kib)`` makes a disk of that size, or sets the size of the one there is."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def size(kib: int) -> Path:
        remount = "remount," if folder.is_mount() else ""
        options = ["-t", "tmpfs", "-o", f"{remount}size={kib}k"]
        made = subprocess.run(["mount", *options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {made.stderr.strip()}")
        return folder

    yield size
    if folder.is_mount():
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("kib", [4, 64, 100, 132, 164, 196])
def test_a_gallery_is_made_whole_or_not_at_all(disk: Callable[[int], Path], kib: int) -> None:
    path = disk(kib) / "gallery.sqlite"
    try:
        Gallery.write(path, "test").close()
    except GalleryError as error:
        assert "room" in str(error)
    disk(20_000)
    with Gallery.write(path, "test") as gallery:
        put_files(gallery, [FileRow("/a.jpg", 1, 2, sha("a"))])
    assert not list(path.parent.glob("*.new*"))
    with Gallery.read(path) as gallery:
        assert list(known_files(gallery)) == ["/a.jpg"]


def test_what_was_committed_outlives_a_full_disk(disk: Callable[[int], Path]) -> None:
    path = disk(1200) / "gallery.sqlite"
    kept = 0
    with pytest.raises(GalleryError, match="room"), Gallery.write(path, "test") as gallery:
        for number in range(1000):
            rows = [FileRow(f"/{number}-{k}.jpg", 1, 2, sha(f"{number} {k}")) for k in range(50)]
            put_files(gallery, rows)
            kept += len(rows)
    assert kept > 0
    disk(50_000)
    with Gallery.write(path, "test") as gallery:
        assert len(known_files(gallery)) == kept
        put_files(gallery, [FileRow("/more.jpg", 1, 2, sha("more"))])
