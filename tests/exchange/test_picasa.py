"""Picasa's files, and the mess users made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.errors import InputError
from facelib.exchange.picasa import file_regions, parse_contacts, parse_folder, parse_rect64
from facelib.exchange.regions import clean_name
from tests.foreign import NAMES, rect64_of_area

PARTS = st.floats(0, 1)


@given(PARTS, PARTS, PARTS, PARTS)
def test_rect64_is_exact_to_half_a_step(x0: float, y0: float, x1: float, y1: float) -> None:
    area = (x0, y0, x1, y1)
    assert parse_rect64(rect64_of_area(area)) == pytest.approx(area, abs=0.5 / 65535 + 1e-12)


@given(st.integers(0, 2**64 - 1))
def test_rect64_comes_back(value: int) -> None:
    assert rect64_of_area(parse_rect64(f"{value:x}")) == f"{value:x}"


def test_leading_zeros_are_left_out() -> None:
    assert parse_rect64("5bf05d4f9bcfad1") == parse_rect64("05bf05d4f9bcfad1")
    assert parse_rect64("5bf05d4f9bcfad1") == pytest.approx((0.022446, 0.022766, 0.975540, 0.979767), abs=1e-6)


@pytest.mark.parametrize("code", ["", "1" * 17, "xyz", "-1"])
def test_no_rect64(code: str) -> None:
    with pytest.raises(ValueError, match="no rect64"):
        parse_rect64(code)


INI = """[Picasa]
name=Summer
[Contacts2]
8e62b2035b74b477=Ada Lovelace;;
b5d3a7e4f1c2d9a=Zoë;zoe@example.org;1
[a.jpg]
backuphash=1
faces=rect64(3f845bcb59418507),8e62b2035b74b477;rect64(9bff22f6ad443ebb),ffffffffffffffff
[B.JPG]
faces=rect64(4000200080006000),0b5d3a7e4f1c2d9a;
[a.jpg]
faces=rect64(3f845bcb59418507),8e62b2035b74b477;rect64(570c6e79670c8820),4f3f1b40e69b2537;rect64(zz),1
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_repeated_sections(encoding: str, newline: str) -> None:
    folder = parse_folder(INI.replace("\n", newline).encode(encoding))
    names = [region.name for region in file_regions(folder, "a.jpg", {0x4F3F1B40E69B2537: "Ben"})]
    assert names == ["Ada Lovelace", None, "Ben"]
    assert [region.name for region in file_regions(folder, "b.jpg", {})] == ["Zoë"]
    assert file_regions(folder, "c.jpg", {}) == []


def test_two_encodings_in_one_file() -> None:
    folder = parse_folder(b"[Contacts2]\n1=Zo\xc3\xab;;\n2=Andr\xe9;;\n[a.jpg]\n")
    assert dict(folder.contacts) == {1: "Zoë", 2: "André"}


def test_old_contacts_name_nobody() -> None:
    assert not parse_folder(b"[Contacts]\nd10a8325c557b085=joedoe_lh,cb989580bc43a91\n").contacts


@given(NAMES.filter(lambda name: ";" not in name and "&" not in name), st.integers(1, 2**64 - 2))
def test_names_in_the_folder_come_through(name: str, contact: int) -> None:
    folder = parse_folder(f"[Contacts2]\n{contact:x}={clean_name(name)};;\n[a.jpg]\nfaces=rect64(4000200080006000),{contact:x}\n".encode())
    assert [region.name for region in file_regions(folder, "a.jpg", {})] == [clean_name(name)]


def test_raw_is_measured_upright() -> None:
    folder = parse_folder(b"[a.nef]\nfaces=rect64(4000200080006000),1\n[a.jpg]\nfaces=rect64(4000200080006000),1\n")
    assert [file_regions(folder, name, {1: "Ana"})[0].upright for name in ("a.nef", "a.jpg")] == [True, False]


def test_contacts_file() -> None:
    names = parse_contacts(
        b'<?xml version="1.0" encoding="utf-8" ?><contacts>'
        b'<contact id="8e62398ebda8c1a5" name="Ada &amp; Co" display="Ada" modified_time="2011" local_contact="1"/>'
        b'<contact id="2" name="" display="Ben"><subject id="3"/></contact><contact id="x" name="Nobody"/></contacts>'
    )
    assert names == {0x8E62398EBDA8C1A5: "Ada & Co", 2: "Ben", 3: "Ben"}


@pytest.mark.parametrize("content", [b"", b"no xml", b'<!DOCTYPE a [<!ENTITY b "c">]><contacts/>', b"<contacts"])
def test_bad_contacts_are_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        parse_contacts(content)


@given(st.binary(max_size=200))
def test_rubbish_is_parsed_or_refused(content: bytes) -> None:
    try:
        parse_folder(content)
    except InputError:
        assert b"\0" in content
