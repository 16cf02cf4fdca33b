"""What files say, gathered photo by photo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facelib.errors import InputError
from facelib.exchange.readers import Refused, Said, beside, read

LINE = {
    "schema": 1, "photo": "/a.jpg", "sha256": "a1" * 32, "width": 640, "height": 480, "taken_at": None, "error": None,
    "observations": [
        {"id": 1, "face": {"box": [1, 2, 3, 4]}, "body": None, "person": {"id": 1, "name": "Ana"}, "standing": "certain"},
        {"id": 2, "face": None, "body": {"box": [5, 6, 7, 8]}, "person": {"id": 2, "name": "Ben"}, "standing": "certain"},
        {"id": 3, "face": {"box": [1, 2, 3, 4]}, "body": None, "person": {"id": 3, "name": "Cem"}, "standing": "likely"},
        {"id": 4, "face": {"box": [1, 2, 3, 4]}, "body": None, "person": None, "standing": "unknown"},
    ],
}  # fmt: skip


def test_json_of_what_is_certain(tmp_path: Path) -> None:
    lines = [json.dumps(LINE), "", '{"schema": 2}', "[]", "no json", json.dumps({**LINE, "sha256": "x"})]
    (tmp_path / "a.json").write_text("\n".join(lines))
    first, *rest = read("json", [tmp_path / "a.json"])
    assert isinstance(first, Said) and (first.photo, first.sha256) == ("/a.jpg", "a1" * 32)
    assert [(region.name, region.kind, region.box) for region in first.regions] == [
        ("Ana", "face", (1, 2, 3, 4)),
        ("Ben", "body", (5, 6, 7, 8)),
    ]
    assert [each.why for each in rest if isinstance(each, Refused)] == [
        f"line {n} is not a photo as facelib export json writes it" for n in (3, 4, 5, 6)
    ]


def test_csv_rows_of_one_photo_are_one_record(tmp_path: Path) -> None:
    rows = [
        "/a.jpg,Ana,1,2,3,4,certain",
        "/a.jpg,Ben,,,,,",
        "/b.jpg,Cem,1,2,3,4,not",
        "/b.jpg,Dora,1,2,3,4,likely",
        "/b.jpg,,1,2,3,4,unknown",
    ]
    (tmp_path / "a.csv").write_text("\n".join(["photo,name,x0,y0,x1,y1,standing", *rows]))
    a, b = read("csv", [tmp_path / "a.csv"])
    assert isinstance(a, Said) and isinstance(b, Said)
    assert [region.name for region in a.regions] == ["Ana"] and a.people.names == ("Ben",)
    assert [(region.name, region.rejected) for region in b.regions] == [("Cem", True)] and b.people.names == ()


def test_a_wrong_table_names_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("photo,name,x0,y0,x1,y1\na,Ana,1,2,x,4\n")
    with pytest.raises(InputError, match=r"a\.csv: line 2"):
        list(read("csv", [tmp_path / "a.csv"]))


def test_sidecar_before_packet_and_each_photo_once(tmp_path: Path) -> None:
    from PIL import Image

    from facelib.exchange.orientation import Frame
    from facelib.exchange.regions import Region
    from facelib.exchange.xmp_update import with_people

    def packet(name: str) -> bytes:
        return with_people(None, [Region(name, (10, 10, 30, 30))], Frame(64, 48)) or b""

    Image.new("RGB", (64, 48)).save(tmp_path / "a.jpg", xmp=packet("Old"))
    (tmp_path / "a.jpg.xmp").write_bytes(packet("New"))
    (tmp_path / "note.txt").write_text("no photo")
    (said,) = read("xmp", [tmp_path, tmp_path / "a.jpg", tmp_path / "a.jpg.xmp"])
    assert isinstance(said, Said) and [mark.name for mark in said.people.marks] == ["New"]


def test_where_to_look_without_being_told(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.jpg.json", ".picasa.ini", "b.txt"):
        (tmp_path / name).touch()
    photos = [str(tmp_path / "a.jpg"), str(tmp_path / "gone.jpg"), str(tmp_path / "gone" / "a.jpg")]
    assert beside("xmp", photos) == [tmp_path / "a.jpg"]
    assert beside("picasa", photos) == [tmp_path / ".picasa.ini"] and beside("takeout", photos) == [tmp_path / "a.jpg.json"]
