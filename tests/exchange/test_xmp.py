"""People are read from sidecars and photos; they are written into sidecars, into photos only if asked, and no name is lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from facelib.errors import InputError
from facelib.exchange.exporter import ExportReport, exported_photos
from facelib.exchange.importer import import_records
from facelib.exchange.orientation import Frame, read_frame
from facelib.exchange.photo_record import PhotoRecord
from facelib.exchange.regions import Region, to_region
from facelib.exchange.sidecar import embedded_packet
from facelib.exchange.xmp import read, write_originals, write_sidecars
from facelib.exchange.xmp_people import read_people
from facelib.exchange.xmp_update import update_people
from tests.foreign import Library


def region(name: str, x: float) -> Region:
    return Region(name, (x, 100, x + 100, 200))


def written(library: Library) -> ExportReport:
    return write_sidecars(exported_photos(library.gallery, ["certain"]))


def test_sidecar_before_packet_and_each_photo_once(tmp_path: Path) -> None:
    def packet(name: str) -> bytes:
        return update_people(None, [Region(name, (10, 10, 30, 30))], Frame(64, 48)) or b""

    Image.new("RGB", (64, 48)).save(tmp_path / "a.jpg", xmp=packet("Old"))
    (tmp_path / "a.jpg.xmp").write_bytes(packet("New"))
    (tmp_path / "note.txt").write_text("no photo")
    (record,) = read([tmp_path, tmp_path / "a.jpg", tmp_path / "a.jpg.xmp"])
    assert isinstance(record, PhotoRecord) and [region.name for region in record.people.file_regions] == ["New"]


def test_sidecars_of_what_is_named(library: Library) -> None:
    photo = library.add("a.jpg", 50, 200, 350)
    library.add("b.jpg", 50)
    library.say(photo, 0, "Ana")
    library.say(photo, 1, "Ben", "not")
    before = (library.folder / "a.jpg").read_bytes()
    report = written(library)
    assert (report.written, report.unchanged, report.paths) == (1, 0, [str(library.folder / "a.jpg.xmp")])
    assert sorted(os.listdir(library.folder)) == ["a.jpg", "a.jpg.xmp", "b.jpg"] and (library.folder / "a.jpg").read_bytes() == before
    (file_region,) = read_people((library.folder / "a.jpg.xmp").read_bytes()).file_regions
    placed = to_region(file_region, read_frame(library.folder / "a.jpg"))
    assert placed is not None and placed.name == "Ana" and placed.box == pytest.approx((50, 100, 150, 200), abs=0.01)
    about = (library.folder / "a.jpg.xmp").stat()
    assert written(library).unchanged == 1 and (library.folder / "a.jpg.xmp").stat().st_mtime_ns == about.st_mtime_ns


def test_a_name_taken_away_here_is_taken_away_there(library: Library) -> None:
    photo = library.add("a.jpg", 50)
    library.say(photo, 0, "Ana")
    written(library)
    library.say(photo, 0, "Ana", "not")
    assert written(library).written == 1
    assert b"Ana" not in (library.folder / "a.jpg.xmp").read_bytes()


def test_every_copy_gets_its_sidecar_and_roots_choose(library: Library) -> None:
    photo = library.add("one/a.jpg", 50)
    library.say(photo, 0, "Ana")
    (library.folder / "two").mkdir()
    shutil.copy(library.folder / "one" / "a.jpg", library.folder / "two" / "b.jpg")
    library.look_at(library.folder / "two" / "b.jpg", 50)
    only = write_sidecars(exported_photos(library.gallery, ["certain"], [str(library.folder / "two")]), dry_run=True)
    assert only.paths == [str(library.folder / "two" / "b.jpg.xmp")] and not os.path.exists(only.paths[0])
    assert written(library).written == 2


def test_what_cannot_be_written_is_told_and_left(library: Library) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"):
        library.say(library.add(name, 50), 0, "Ana")
    (library.folder / "a.jpg.xmp").write_bytes(b"no xmp")
    (library.folder / "b.jpg").unlink()
    (library.folder / "c.jpg").write_bytes(b"no picture any more")
    report = written(library)
    assert report.written == 1 and [Path(refused.path).name for refused in report.refused] == ["a.jpg", "b.jpg", "c.jpg"]
    assert (library.folder / "a.jpg.xmp").read_bytes() == b"no xmp"


@pytest.mark.parametrize("orientation", [1, 6])
def test_originals_through_exiftool_keep_a_backup_and_lose_no_name(library: Library, exiftool: object, orientation: int) -> None:
    photo = library.add("-a b.jpg", 50, 200, orientation=orientation)
    records = [PhotoRecord(str(library.folder / "-a b.jpg"), regions=(region("Ana", 50), region("Ben & Co", 340)))]
    import_records(library.gallery, records, "test")
    path = library.folder / "-a b.jpg"
    before = path.read_bytes()
    assert (
        write_originals(library.gallery, exported_photos(library.gallery, ["certain"]), dry_run=True).written == 1
        and path.read_bytes() == before
    )
    report = write_originals(library.gallery, exported_photos(library.gallery, ["certain"]))
    assert report.written == 1 and not report.refused
    assert (library.folder / "-a b.jpg_original").read_bytes() == before
    assert not (library.folder / "-a b.jpg.xmp").exists()
    packet = embedded_packet(path)
    assert packet is not None
    found = [to_region(region, read_frame(path)) for region in read_people(packet).file_regions]
    assert [(r.name, r.box) for r in found if r] == [
        ("Ana", pytest.approx((50, 100, 150, 200), abs=0.01)),
        ("Ben & Co", pytest.approx((340, 100, 440, 200), abs=0.01)),
    ]
    # The next run of index sees a new content: the names are there.
    fresh = library.look_at(path, 50, 200)
    assert fresh != photo and [name for name in library.names(fresh) if name] == ["Ana", "Ben & Co"]
    assert write_originals(library.gallery, exported_photos(library.gallery, ["certain"])).unchanged == 1


def test_originals_need_exiftool(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(library.folder))
    with pytest.raises(InputError, match="exiftool"):
        write_originals(library.gallery, [])
