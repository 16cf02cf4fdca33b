"""Names come in as the user's word, once, and never against it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facelib.errors import InputError
from facelib.exchange.exporter import exported_photos
from facelib.exchange.formats import FORMATS
from facelib.exchange.importer import ImportReport, import_records
from facelib.exchange.photo_record import People, PhotoRecord
from facelib.exchange.regions import Region
from facelib.exchange.xmp import write_sidecars
from facelib.exchange.xmp_update import update_people
from facelib.records import Sighting
from facelib.store import names as naming
from facelib.store import people
from facelib.store.observations import of_photo, replace_observations
from facelib.store.photos import counts, photos, set_picture
from facelib.store.undo import undo
from tests.foreign import NAMES, Library, face_at, rect64_of_area
from tests.galleries import drop_derived


def record_of(library: Library, name: str, *regions: Region, names: tuple[str, ...] = ()) -> PhotoRecord:
    return PhotoRecord(str(library.folder / name), People(names=names), regions)


def region(name: str, x: float, **options: object) -> Region:
    return Region(name, (x, 100, x + 100, 200), **options)  # type: ignore[arg-type]


def numbers(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.matched, report.drawn, report.agreed, report.rejected, report.present


def everything(library: Library) -> str:
    return "\n".join(library.gallery.db.iterdump())


def test_matched_drawn_and_once(library: Library) -> None:
    photo = library.add("a.jpg", 50, 200)
    records = [record_of(library, "a.jpg", region("Ana", 60), region("Ben", 400), Region(None, (0, 0, 9, 9)))]
    report = import_records(library.gallery, records, "xmp")
    assert numbers(report) == (1, 1, 0, 0, 0) and report.change is not None
    assert library.names(photo) == ["Ana", None, "Ben"]
    assert [row.source for row in of_photo(library.gallery, photo)] == ["auto", "auto", "user"]
    before = everything(library)
    again = import_records(library.gallery, records, "xmp")
    assert numbers(again) == (0, 0, 0, 0, 2) and again.change is None and everything(library) == before


def test_undo_walks_it_back(library: Library) -> None:
    photo = library.add("a.jpg", 50, 200)
    library.say(photo, 1, "Cem")
    import_records(library.gallery, [record_of(library, "a.jpg", region("Ana", 60), region("Ben", 400), names=("Dora",))], "xmp")
    undo(library.gallery)
    assert [name for name in library.names(photo) if name] == ["Cem"]
    assert {person.name for person in people.people(library.gallery).values()} == {"Cem"}


def test_a_dry_run_touches_nothing(library: Library) -> None:
    library.add("a.jpg", 50)
    before = everything(library)
    report = import_records(library.gallery, [record_of(library, "a.jpg", region("Ana", 60), region("Ben", 400))], "xmp", dry_run=True)
    assert numbers(report) == (1, 1, 0, 0, 0) and report.change is None and everything(library) == before


def test_the_users_word_stands(library: Library) -> None:
    photo = library.add("a.jpg", 50, 200, 350)
    library.say(photo, 0, "Ana")
    library.say(photo, 1, "Ben", "not")
    report = import_records(
        library.gallery, [record_of(library, "a.jpg", region("Cem", 50), region("ben", 200), region("ana", 50, rejected=True))], "xmp"
    )
    assert sorted(issue.name for issue in report.conflicts) == ["Cem", "ana", "ben"]
    assert library.names(photo) == ["Ana", None, None] and report.change is None


def test_rejections_come_in_too(library: Library) -> None:
    photo = library.add("a.jpg", 50, 200)
    library.say(photo, 0, "Ana")
    records = [record_of(library, "a.jpg", region("Ana", 200, rejected=True), region("Nobody Known", 50, rejected=True))]
    assert numbers(import_records(library.gallery, records, "csv")) == (0, 0, 0, 1, 1)
    assert numbers(import_records(library.gallery, records, "csv")) == (0, 0, 0, 0, 2)
    conflict = import_records(library.gallery, [record_of(library, "a.jpg", region("Ana", 50, rejected=True))], "csv")
    assert len(conflict.conflicts) == 1 and library.names(photo) == ["Ana", None]


def test_names_are_one_whatever_their_case(library: Library) -> None:
    photo = library.add("a.jpg", 50, 200)
    import_records(library.gallery, [record_of(library, "a.jpg", region("Zoë", 50), region("ZOE\u0308", 200))], "xmp")
    assert library.names(photo) == ["Zoë", "Zoë"] and len(people.people(library.gallery)) == 1


def test_names_that_cannot_be(library: Library) -> None:
    library.add("a.jpg", 50)
    report = import_records(library.gallery, [record_of(library, "a.jpg", region("p3", 50), names=("x" * 300,))], "xmp")
    assert [issue.name[:2] for issue in report.unplaced] == ["p3", "xx"] and report.change is None


def test_what_is_not_in_the_gallery(library: Library) -> None:
    library.add("new.jpg", looked_at=False)
    library.add("known.jpg", 50)
    (library.folder / "copy.jpg").write_bytes((library.folder / "known.jpg").read_bytes())
    records = [record_of(library, name, region("Ana", 50)) for name in ("new.jpg", "gone.jpg", "copy.jpg")]
    report = import_records(library.gallery, records, "xmp")
    assert [Path(path).name for path in report.unknown] == ["new.jpg", "gone.jpg"] and report.matched == 1


def test_a_cropped_photo_is_matched_but_not_drawn_on(library: Library) -> None:
    photo = library.add("a.jpg", 50)
    records = [record_of(library, "a.jpg", region("Ana", 50, certain=False), region("Ben", 400, certain=False))]
    report = import_records(library.gallery, records, "xmp")
    assert library.names(photo) == ["Ana"] and [issue.name for issue in report.unplaced] == ["Ben"]


def test_a_name_without_a_box_only_where_nobody_else_can_be_meant(library: Library) -> None:
    one, two = library.add("one.jpg", 50), library.add("two.jpg", 50, 200)
    three = library.add("three.jpg", 50, 200)
    library.say(three, 0, "Cem")
    library.say(three, 1, "Ana", "not")
    records = [record_of(library, f"{name}.jpg", names=("Ana",)) for name in ("one", "two", "three")]
    report = import_records(library.gallery, records, "takeout")
    assert library.names(one) == ["Ana"] and library.names(two) == [None, None] and library.names(three) == ["Cem", None]
    assert sorted(Path(issue.photo).name for issue in report.suggestions) == ["three.jpg", "two.jpg"]
    assert numbers(import_records(library.gallery, records, "takeout")) == (0, 0, 0, 0, 1)


def test_a_name_without_a_box_is_confirmed_where_the_gallery_says_so_too(library: Library) -> None:
    from facelib.store import clusters

    one, two = library.add("one.jpg", 50), library.add("two.jpg", 50, 200)
    ids = [row.id for photo in (one, two) for row in of_photo(library.gallery, photo)]
    first = clusters.reserve_cluster_ids(library.gallery, 2)
    # The cluster of the first photo's face holds one of the second's, too.
    clusters.put_clustering(library.gallery, np.array(ids), np.array([1, 1, 2]), np.array([first, first, first + 1]))
    records = [record_of(library, "two.jpg", names=("Ana", "Ben")), record_of(library, "one.jpg", names=("Ana",))]
    report = import_records(library.gallery, records, "takeout")
    assert library.names(two) == ["Ana", "Ben"] and report.agreed == 3 and not report.suggestions
    assert import_records(library.gallery, records, "takeout").change is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_xmp_beside_photos_of_every_orientation(library: Library, orientation: int) -> None:
    photo = library.add("a.jpg", 50, 300, orientation=orientation)
    from facelib.exchange.orientation import read_frame

    packet = update_people(None, [region("Ana", 50), region("Ben", 300)], read_frame(library.folder / "a.jpg"))
    (library.folder / "a.jpg.xmp").write_bytes(packet or b"")
    (library.folder / "b.jpg.xmp").write_bytes(packet or b"")
    for paths in (
        [library.folder],
        [library.folder / "a.jpg"],
        [library.folder / "a.jpg.xmp"],
        FORMATS["xmp"].default_paths([str(library.folder / "a.jpg")]),
    ):
        import_records(library.gallery, FORMATS["xmp"].read(paths), "xmp")
        assert library.names(photo) == ["Ana", "Ben"]
        undo(library.gallery)


@pytest.mark.parametrize("orientation", [1, 6])
def test_picasa(library: Library, orientation: int) -> None:
    from facelib.exchange.orientation import read_frame

    photo = library.add("A.jpg", 50, orientation=orientation)
    frame = read_frame(library.folder / "A.jpg")
    code = rect64_of_area(frame.to_stored(frame.to_fractions((55, 100, 155, 200))))
    (library.folder / ".picasa.ini").write_text(
        f"[a.JPG]\nfaces=rect64({code}),12ab;rect64({code}),{'f' * 16}\n[gone.jpg]\nfaces=rect64(1234000056780000),1"
    )
    (library.folder / "contacts.xml").write_text('<contacts><contact id="12ab" name="Ana"/></contacts>')
    report = import_records(library.gallery, FORMATS["picasa"].read([library.folder, library.folder / "contacts.xml"]), "picasa")
    assert library.names(photo) == ["Ana"] and numbers(report) == (1, 0, 0, 0, 0)
    assert FORMATS["picasa"].default_paths([str(library.folder / "A.jpg")]) == [library.folder / ".picasa.ini"]


def test_takeout(library: Library) -> None:
    photo = library.add("Photos from 2020/a.jpg", 50)
    folder = library.folder / "Photos from 2020"
    for name, title in (("a.jpg.supplemental-metadata.json", "a.jpg"), ("b.jpg.json", "b.jpg")):
        (folder / name).write_text(json.dumps({"title": title, "photoTakenTime": {}, "people": [{"name": "Ana"}]}))
    (folder / "broken.json").write_text("{")
    report = import_records(library.gallery, FORMATS["takeout"].read([library.folder]), "takeout")
    assert library.names(photo) == ["Ana"] and report.agreed == 1
    assert sorted(Path(refused.path).name for refused in report.refused) == ["b.jpg.json", "broken.json"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_path_that_is_not_there(library: Library, form: str) -> None:
    with pytest.raises(InputError, match="gone"):
        list(FORMATS[form].read([library.folder / "gone"]))


def valid(name: str) -> bool:
    try:
        return bool(naming.clean(name))
    except InputError:
        return False


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_names=st.lists(NAMES.filter(valid), min_size=3, max_size=3), orientation=st.integers(1, 8))
def test_export_wipe_index_import_gives_the_same_names(library: Library, given_names: list[str], orientation: int) -> None:
    for old in library.folder.iterdir():
        old.unlink()
    library.gallery.db.execute("DELETE FROM people")
    library.gallery.db.execute("DELETE FROM drawn")
    drop_derived(library.gallery)
    library.gallery.db.execute("DELETE FROM verdicts")
    photo = library.add("a.jpg", 20, 200, orientation=orientation)
    records = [record_of(library, "a.jpg", *(region(name, x) for name, x in zip(given_names, (20, 200, 340), strict=True)))]
    import_records(library.gallery, records, "test")
    expected = library.names(photo)
    assert [naming.fold(str(name)) for name in expected] == [naming.fold(naming.clean(name)) for name in given_names]
    assert write_sidecars(exported_photos(library.gallery, ["certain"])).written == 1
    for table in ("verdicts", "drawn", "people"):
        library.gallery.db.execute(f"DELETE FROM {table}")
    drop_derived(library.gallery)
    photo = library.look_at(library.folder / "a.jpg", 20, 200)
    import_records(library.gallery, FORMATS["xmp"].read([library.folder]), "xmp")
    assert library.names(photo) == expected
    assert write_sidecars(exported_photos(library.gallery, ["certain"])).unchanged == 1


def test_a_later_detector_does_not_lose_imported_names(library: Library) -> None:
    photo = library.add("a.jpg")
    import_records(library.gallery, [record_of(library, "a.jpg", region("Ana", 60))], "xmp")
    replace_observations(library.gallery, photo, [Sighting(face_at(75), None), Sighting(face_at(300), None)])
    assert sorted(filter(None, library.names(photo))) == ["Ana"]
    assert counts(library.gallery).unattached_verdicts == 0
    assert len(list(photos(library.gallery))) == 1
    set_picture(library.gallery, photo, 640, 480, None)
