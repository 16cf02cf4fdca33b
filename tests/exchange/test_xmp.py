"""Names go out beside the photos, into them only when asked, and none is lost by that."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from facelib.errors import InputError
from facelib.exchange.csv_table import Row, read_rows, write_rows
from facelib.exchange.exporter import Written, told, write_originals, write_sidecars
from facelib.exchange.importer import take_in
from facelib.exchange.orientation import read_frame
from facelib.exchange.readers import Said, read
from facelib.exchange.regions import Region, region_of
from facelib.exchange.sidecar import embedded_packet
from facelib.exchange.xmp_people import read_people
from tests.foreign import Library


def region(name: str, x: float) -> Region:
    return Region(name, (x, 100, x + 100, 200))


def written(library: Library) -> Written:
    return write_sidecars(told(library.gallery, ["certain"]))


def test_sidecars_of_what_is_named(library: Library) -> None:
    photo = library.add("a.jpg", 50, 200, 350)
    library.add("b.jpg", 50)
    library.say(photo, 0, "Ana")
    library.say(photo, 1, "Ben", "not")
    before = (library.folder / "a.jpg").read_bytes()
    report = written(library)
    assert (report.written, report.unchanged, report.paths) == (1, 0, [str(library.folder / "a.jpg.xmp")])
    assert sorted(os.listdir(library.folder)) == ["a.jpg", "a.jpg.xmp", "b.jpg"] and (library.folder / "a.jpg").read_bytes() == before
    (mark,) = read_people((library.folder / "a.jpg.xmp").read_bytes()).marks
    placed = region_of(mark, read_frame(library.folder / "a.jpg"))
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
    only = write_sidecars(told(library.gallery, ["certain"], [str(library.folder / "two")]), dry_run=True)
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


def test_a_table_of_all(library: Library, tmp_path: Path) -> None:
    photo = library.add("a.jpg", 50, 200)
    library.say(photo, 0, "Ana")
    library.say(photo, 1, "Ben", "not")
    rows = [row for each in told(library.gallery, ["certain", "likely", "unknown"]) for row in each.rows]
    assert [(row.name, row.standing, row.source) for row in rows] == [
        ("Ana", "certain", "user"),
        ("", "unknown", "auto"),
        ("Ben", "not", "user"),
    ]
    with open(tmp_path / "people.csv", "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        write_rows(rows, file)
    assert [Row(*vars(row).values()) for row in read_rows((tmp_path / "people.csv").read_bytes())] == rows
    for table in ("verdicts", "people"):
        library.gallery.db.execute(f"DELETE FROM {table}")
    library.gallery.db.execute("DELETE FROM answers")
    report = take_in(library.gallery, read("csv", [tmp_path / "people.csv"]), "csv")
    assert library.names(photo) == ["Ana", None] and report.matched == 1


@pytest.mark.parametrize("orientation", [1, 6])
def test_originals_through_exiftool_keep_a_backup_and_lose_no_name(library: Library, exiftool: object, orientation: int) -> None:
    photo = library.add("-a b.jpg", 50, 200, orientation=orientation)
    take_in(library.gallery, [Said(str(library.folder / "-a b.jpg"), regions=(region("Ana", 50), region("Ben & Co", 340)))], "test")
    path = library.folder / "-a b.jpg"
    before = path.read_bytes()
    assert write_originals(library.gallery, told(library.gallery, ["certain"]), dry_run=True).written == 1 and path.read_bytes() == before
    report = write_originals(library.gallery, told(library.gallery, ["certain"]))
    assert report.written == 1 and not report.refused
    assert (library.folder / "-a b.jpg_original").read_bytes() == before
    assert not (library.folder / "-a b.jpg.xmp").exists()
    packet = embedded_packet(path)
    assert packet is not None
    found = [region_of(mark, read_frame(path)) for mark in read_people(packet).marks]
    assert [(r.name, r.box) for r in found if r] == [
        ("Ana", pytest.approx((50, 100, 150, 200), abs=0.01)),
        ("Ben & Co", pytest.approx((340, 100, 440, 200), abs=0.01)),
    ]
    # The next run of index sees a new content: the names are there.
    fresh = library.look_at(path, 50, 200)
    assert fresh != photo and [name for name in library.names(fresh) if name] == ["Ana", "Ben & Co"]
    assert write_originals(library.gallery, told(library.gallery, ["certain"])).unchanged == 1


def test_originals_need_exiftool(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(library.folder))
    with pytest.raises(InputError, match="exiftool"):
        write_originals(library.gallery, [])
