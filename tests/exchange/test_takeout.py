"""Google Takeout's names of files, as its users report them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facelib.errors import InputError
from facelib.exchange.takeout import TakeoutFolder, TakeoutItem, parse_item


def item(**fields: object) -> bytes:
    return json.dumps({"title": "a.jpg", "photoTakenTime": {"timestamp": "1"}, **fields}).encode()


def test_people() -> None:
    assert parse_item(item(people=[{"name": "Ana"}, {"name": " "}, {"name": "Ana"}, {}, 3, {"name": "Zoë"}])) == TakeoutItem(
        "a.jpg", ("Ana", "Zoë")
    )
    assert parse_item(item(people="Ana")) == parse_item(b"\xef\xbb\xbf" + item()) == TakeoutItem("a.jpg", ())


@pytest.mark.parametrize("content", [b"[]", b'{"title": "Album", "date": {}}', b"3", b'{"people": [{"name": "Ana"}]}'])
def test_what_is_no_photo(content: bytes) -> None:
    assert parse_item(content) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json(content: bytes) -> None:
    with pytest.raises(InputError):
        parse_item(content)


LONG = "Urlaub_in_den_sehr_hohen_Bergen_mit_allen_Leuten_2019"


@pytest.mark.parametrize(
    ("json_name", "photos", "found"),
    [
        ("a.jpg.json", ["a.jpg", "a.png", "b.jpg"], ["a.jpg"]),
        ("a.json", ["a.jpg", "b.jpg"], []),
        ("a.jpg.supplemental-metadata.json", ["a.jpg"], ["a.jpg"]),
        ("a.jpg.suppl.json", ["a.jpg"], ["a.jpg"]),
        ("a.jpg.s.json", ["a.jpg"], ["a.jpg"]),
        ("a.jpg..json", ["a.jpg"], ["a.jpg"]),
        ("a.jpg(1).json", ["a.jpg", "a(1).jpg"], ["a(1).jpg"]),
        ("a.jpg.supplemental-metadata(1).json", ["a.jpg", "a(1).jpg"], ["a(1).jpg"]),
        ("a(1).jpg.supple(1).json", ["a.jpg", "a(1).jpg"], []),
        ("a(1).jpg.json", ["a.jpg", "a(1).jpg"], ["a(1).jpg"]),
        ("A.JPG.json", ["a.jpg"], ["a.jpg"]),
        ("a.jpg.json", ["a.jpg", "a-edited.jpg", "a-bearbeitet.jpg", "a-edited(1).jpg"], ["a.jpg", "a-edited.jpg", "a-bearbeitet.jpg"]),
        ("a.jpg(1).json", ["a(1).jpg", "a-edited(1).jpg", "a-edited.jpg"], ["a(1).jpg", "a-edited(1).jpg"]),
        ("é.jpg.json", ["e\u0301.jpg"], ["e\u0301.jpg"]),
        (f"{LONG[:46]}.json", [f"{LONG[:47]}.jpg", "b.jpg"], [f"{LONG[:47]}.jpg"]),
        (f"{LONG[:46]}.json", [f"{LONG[:47]}.jpg", f"{LONG[:47]}-edited.jpg"], [f"{LONG[:47]}.jpg", f"{LONG[:47]}-edited.jpg"]),
        (f"{LONG[:46]}.json", [f"{LONG[:47]}.jpg", f"{LONG[:47]}.png"], []),
        (f"{LONG[:46]}(2).json", [f"{LONG[:47]}.jpg", f"{LONG[:47]}(2).jpg"], [f"{LONG[:47]}(2).jpg"]),
        (f"{LONG[:38]}.jpg.sup.json", [f"{LONG[:38]}.jpg"], [f"{LONG[:38]}.jpg"]),
        (f"{LONG[:43]}.jp.json", [f"{LONG[:43]}.jpg"], [f"{LONG[:43]}.jpg"]),
        ("metadata.json", ["a.jpg"], []),
    ],
)
def test_which_photo(json_name: str, photos: list[str], found: list[str]) -> None:
    assert TakeoutFolder(photos).photos_of(json_name) == found


def test_the_title_decides_between_cut_names() -> None:
    folder = TakeoutFolder([f"{LONG[:47]}.jpg", f"{LONG[:47]}.png"])
    assert folder.photos_of(f"{LONG[:46]}.json", f"{LONG}.png") == [f"{LONG[:47]}.png"]


def test_the_title_finds_what_the_name_does_not() -> None:
    assert TakeoutFolder(["It_s.jpg"]).photos_of("other.json", "It&#39;s.jpg") == ["It_s.jpg"]


def test_real_samples(shared: Path) -> None:
    import zipfile

    with zipfile.ZipFile(shared / "data" / "sidecars.zip") as archive:
        files = {Path(n).name: archive.read(n) for n in archive.namelist() if "takeout/" in n and n.endswith(".json")}
    items = {name: parse_item(content) for name, content in files.items()}
    photos = {name: each.title for name, each in items.items() if each is not None}
    assert len(files) == 20 and len(photos) == 17
    assert {name for name in files if name not in photos} == {"metadata.json", "métadonnées.json", "assetsmall.json"}
    # Titles are the photos' names, but for the two that share one, and the one its test renamed.
    folder = TakeoutFolder([*photos.values(), "DSC_0238(1).JPG", "PXL_20231006_063909898.LS.mp4"])
    found = {name: folder.photos_of(name, title) for name, title in photos.items()}
    assert all(len(each) == 1 for each in found.values())
    assert found["DSC_0238.JPG(1).json"] == ["DSC_0238(1).JPG"] and found["DSC_0238.JPG.json"] == ["DSC_0238.JPG"]
