"""The scan: what is new, changed, moved, missing; and that nothing is read twice."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facelib.stages import scan
from facelib.stages.scan import Census
from facelib.store.gallery import Gallery
from facelib.store.photos import known_files


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with Gallery.write(tmp_path / "g" / "gallery.sqlite", "test") as opened:
        yield opened


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "deep/c.jpg"):
        (folder / name).write_bytes(name.encode() * 100)
    return folder


def scanned(gallery: Gallery, *roots: Path, exclude: tuple[str, ...] = ()) -> Census:
    census = Census()
    list(scan.run(gallery, roots, exclude, census))
    return census


def test_second_scan_reads_no_file(gallery: Gallery, album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scanned(gallery, album).new == 3
    monkeypatch.setattr(scan, "fingerprint", lambda path: pytest.fail(f"{path} was read"))
    census = scanned(gallery, album)
    assert (census.new, census.unchanged) == (0, 3)


def test_renamed_and_copied_files_are_the_same_photos(gallery: Gallery, album: Path) -> None:
    scanned(gallery, album)
    before = {file.sha256 for file in known_files(gallery).values()}
    (album / "a.jpg").rename(album / "deep" / "renamed.jpg")
    (album / "copy.jpg").write_bytes((album / "b.jpg").read_bytes())
    census = scanned(gallery, album)
    assert (census.new, census.moved, census.missing, census.unchanged) == (0, 2, 1, 2)
    assert {file.sha256 for file in known_files(gallery).values()} == before


def test_changed_content_is_a_new_photo_and_touched_content_is_not(gallery: Gallery, album: Path) -> None:
    scanned(gallery, album)
    (album / "a.jpg").write_bytes(b"edited" * 50)
    later = time.time() + 10
    os.utime(album / "b.jpg", (later, later))
    census = scanned(gallery, album)
    assert (census.changed, census.unchanged) == (1, 2)
    assert scanned(gallery, album).unchanged == 3


def test_only_what_the_disk_says_is_gone_goes_missing(gallery: Gallery, album: Path) -> None:
    scanned(gallery, album)
    assert scanned(gallery, album, exclude=("deep",)).missing == 0
    (album / "deep" / "c.jpg").unlink()
    assert scanned(gallery, album).missing == 1
    assert known_files(gallery)[str(album / "deep" / "c.jpg")].missing
    (album / "deep" / "c.jpg").write_bytes(b"deep/c.jpg" * 100)
    census = scanned(gallery, album)
    assert (census.new, census.unchanged) == (0, 3)
    assert not known_files(gallery)[str(album / "deep" / "c.jpg")].missing


def test_files_of_other_roots_are_left_alone(gallery: Gallery, album: Path, tmp_path: Path) -> None:
    other = tmp_path / "album2"
    other.mkdir()
    (other / "x.jpg").write_bytes(b"x" * 99)
    scanned(gallery, album, other)
    (other / "x.jpg").unlink()
    assert scanned(gallery, album).missing == 0
    assert scanned(gallery, album, other).missing == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_one_line(gallery: Gallery, album: Path) -> None:
    (album / "a.jpg").chmod(0)
    census = scanned(gallery, album)
    assert (census.new, census.refused) == (2, 1)


def test_deadline_stops_the_scan_and_nothing_goes_missing(gallery: Gallery, album: Path) -> None:
    scanned(gallery, album)
    (album / "a.jpg").unlink()
    census = Census()
    list(scan.run(gallery, [album], (), census, deadline=time.monotonic() - 1))
    assert not census.complete and census.missing == 0


def test_preview_writes_nothing(gallery: Gallery, album: Path) -> None:
    scanned(gallery, album)
    (album / "new.jpg").write_bytes(b"n" * 10)
    known = known_files(gallery)
    census = scan.preview(known, [album], ())
    assert (census.new, census.unchanged) == (1, 3)
    assert known_files(gallery) == known
