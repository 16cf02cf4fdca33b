"""What is written into XMP is read back exactly, and nothing else changes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.exchange.orientation import Frame
from facelib.exchange.regions import Region, box_iou, clean_name, to_region
from facelib.exchange.xmp_people import read_people
from facelib.exchange.xmp_update import update_people
from tests.foreign import NAMES, boxes

FRAME = Frame(640, 480)
ANA = Region("Ana", (100, 100, 200, 220))
BEN = Region("Ben", (400, 100, 480, 180))


def written(packet: bytes | None, regions: list[Region], frame: Frame = FRAME) -> bytes:
    content = update_people(packet, regions, frame)
    assert content is not None
    return content


def regions_in(packet: bytes, frame: Frame = FRAME) -> list[tuple[str | None, tuple[float, ...]]]:
    found = [to_region(region, frame) for region in read_people(packet).file_regions]
    return [(region.name, tuple(round(side, 2) for side in region.box)) for region in found if region is not None]


@given(st.integers(1, 8), st.lists(st.tuples(NAMES, boxes()), min_size=1, max_size=5), st.sampled_from(["face", "body"]))
def test_what_is_written_is_read_back(orientation: int, people: list[tuple[str, tuple[float, ...]]], kind: str) -> None:
    frame = Frame(640, 480, orientation)
    apart: list[Region] = []
    for name, box in people:
        if all(box_iou(box, other.box) < 0.4 for other in apart):  # type: ignore[arg-type]
            apart.append(Region(clean_name(name), box, kind))  # type: ignore[arg-type]
    packet = written(None, apart, frame)
    assert regions_in(packet, frame) == [(r.name, pytest.approx(r.box, abs=0.02)) for r in apart]
    assert {region.kind for region in read_people(packet).file_regions} == {kind}
    assert update_people(packet, apart, frame) is None


def test_nothing_to_say() -> None:
    assert update_people(None, [], FRAME) is None
    assert update_people(None, [Region(None, (0, 0, 9, 9)), Region("Ana", (0, 0, 9, 9), rejected=True)], FRAME) is None


def test_another_name_replaces_one_and_its_mention() -> None:
    packet = written(None, [ANA, BEN])
    packet = written(packet, [Region("Cem", (105, 100, 205, 220))])
    assert [name for name, _ in regions_in(packet)] == ["Cem", "Ben"]
    assert b">Ana<" not in packet and read_people(packet).names == ()
    # The region is the old one: only its name is new.
    assert regions_in(packet)[0][1] == ANA.box


def test_a_name_stays_mentioned_while_a_region_has_it() -> None:
    packet = written(None, [ANA, Region("Ana", BEN.box)])
    packet = written(packet, [Region("Cem", ANA.box)])
    assert packet.count(b"<rdf:li>Ana</rdf:li>") == 1 and packet.count(b"<rdf:li>Cem</rdf:li>") == 1


def test_a_rejected_name_goes() -> None:
    packet = written(None, [ANA, BEN])
    assert update_people(packet, [Region("Cem", ANA.box, rejected=True), Region("Ana", (500, 300, 600, 400), rejected=True)], FRAME) is None
    packet = written(packet, [Region("ana", ANA.box, rejected=True)])
    assert [name for name, _ in regions_in(packet)] == ["Ben"] and b">Ana<" not in packet


def test_many_rejections_leave_the_one_who_is_there() -> None:
    packet = written(None, [ANA, BEN])
    rejections = [Region(name, ANA.box, rejected=True) for name in ("Ben", "Cem", "Dora")]
    assert update_people(packet, [*rejections, ANA], FRAME) is None
    packet = written(packet, [Region("Ana", ANA.box, rejected=True), Region("Cem", ANA.box)])
    assert [name for name, _ in regions_in(packet)] == ["Cem", "Ben"]


LIGHTROOM = b"""<?xml version="1.0"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdf="http://example.org/other">
<r:Description r:about="uuid:1" xmlns:m="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
 xmlns:a="http://ns.adobe.com/xmp/sType/Area#" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4" rdf:odd="kept">
<m:Regions r:parseType="Resource"><m:AppliedToDimensions d:w="SIZEW" d:h="SIZEH" d:unit="pixel"/><m:RegionList><r:Bag>
<r:li><r:Description m:Rotation="0.1" m:Name="Person 1" m:Type="Face">
<m:Area a:x="0.234375" a:y="0.333333" a:w="0.15625" a:h="0.25"/></r:Description></r:li>
</r:Bag></m:RegionList></m:Regions></r:Description></r:RDF></x:xmpmeta>"""


def lightroom(width: int, height: int) -> bytes:
    return LIGHTROOM.replace(b"SIZEW", str(width).encode()).replace(b"SIZEH", str(height).encode())


def test_other_spellings_are_kept() -> None:
    packet = written(lightroom(640, 480), [ANA, BEN])
    assert b'm:Rotation="0.1" m:Name="Ana"' in packet and b'xmp:Rating="4" rdf:odd="kept"' in packet
    assert packet.startswith(b"<?xml ") and packet.count(b"AppliedToDimensions") == 1
    assert [name for name, _ in regions_in(packet)] == ["Ana", "Ben"]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("upright", [False, True])
def test_regions_are_joined_in_the_frame_that_is_there(orientation: int, upright: bool) -> None:
    frame = Frame(480, 640, orientation) if orientation >= 5 else FRAME
    size = frame.upright if upright else frame.stored
    packet = written(lightroom(*map(int, size)), [Region("Ben", (300, 300, 380, 380))], frame)
    assert f'd:w="{size[0]}"'.encode() in packet
    assert ("Ben", (300, 300, 380, 380)) in regions_in(packet, frame) and len(regions_in(packet, frame)) == 2


def test_a_cropped_photo_is_left_alone() -> None:
    with pytest.raises(ValueError, match="another shape"):
        update_people(lightroom(640, 640), [ANA], FRAME)


def test_no_xmp_is_left_alone() -> None:
    for packet in (b"no xmp", b"<a/>", b"<!DOCTYPE a><a/>"):
        with pytest.raises(ValueError, match=r"XM|RDF"):
            update_people(packet, [ANA], FRAME)


def plain(value: Any) -> Any:
    """What exiftool says of regions, for comparing: the rest must be the same before and after."""
    return {key: each for key, each in value.items() if not key.startswith(("System:", "ExifTool:", "SourceFile"))}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exiftool_reads_exactly_what_was_written(
    tmp_path: Path, exiftool: Callable[[Path], list[dict[str, Any]]], orientation: int
) -> None:
    frame = Frame(480, 640, orientation) if orientation >= 5 else Frame(640, 480, orientation)
    names = ["Ana & <Ben>", '"O\'Neil" =1', "Zoë 山田 أحمد", "𝕌nicode, comma; semicolon"]
    regions = [Region(name, (20 + 110 * n, 30 + 90 * n, 100 + 110 * n, 110 + 90 * n)) for n, name in enumerate(names)]
    (tmp_path / "a.xmp").write_bytes(written(None, regions, frame))
    (said,) = exiftool(tmp_path / "a.xmp")
    information = said["XMP-mwg-rs:RegionInfo"]
    assert information["AppliedToDimensions"] == {"W": 640, "H": 480, "Unit": "pixel"}
    assert [entry["Name"] for entry in information["RegionList"]] == names == said["XMP-iptcExt:PersonInImage"]
    for entry, region in zip(information["RegionList"], regions, strict=True):
        area = entry["Area"]
        left, top = area["X"] - area["W"] / 2, area["Y"] - area["H"] / 2
        stored = frame.to_stored(frame.to_fractions(region.box))
        assert (entry["Type"], area["Unit"]) == ("Face", "normalized")
        assert (left, top, left + area["W"], top + area["H"]) == pytest.approx(stored, abs=1e-7)


def test_what_other_programs_wrote_survives(tmp_path: Path, shared: Path, exiftool: Callable[[Path], list[dict[str, Any]]]) -> None:
    with zipfile.ZipFile(shared / "data" / "sidecars.zip") as archive:
        # XMP2 is refused: a control character makes it no XML.
        packets = [archive.read(name) for name in archive.namelist() if name.endswith(".xmp") and not name.endswith("/XMP2.xmp")]
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
    for n, packet in enumerate(packets):
        size = next((region.applied for region in read_people(packet).file_regions if region.applied), (4000.0, 3000.0))
        frame = Frame(int(size[0]), int(size[1]))
        corner = Region("Ana New", (frame.width * 0.9, frame.height * 0.9, frame.width * 0.99, frame.height * 0.99))
        (tmp_path / "before" / f"{n:02}.xmp").write_bytes(packet)
        (tmp_path / "after" / f"{n:02}.xmp").write_bytes(written(packet, [corner], frame))
    pairs = list(zip(exiftool(tmp_path / "before"), exiftool(tmp_path / "after"), strict=True))
    assert len(pairs) == 51
    for before, after in pairs:
        old, new = plain(before), plain(after)
        regions, persons = new.pop("XMP-mwg-rs:RegionInfo"), new.pop("XMP-iptcExt:PersonInImage")
        old_regions, old_persons = old.pop("XMP-mwg-rs:RegionInfo", {}), old.pop("XMP-iptcExt:PersonInImage", [])
        assert new == old
        assert regions["RegionList"][:-1] == old_regions.get("RegionList", [])
        assert regions["RegionList"][-1]["Name"] == "Ana New"
        assert old_regions.get("AppliedToDimensions") in (None, regions.get("AppliedToDimensions"))
        assert persons == [*(old_persons if isinstance(old_persons, list) else [old_persons]), "Ana New"]
