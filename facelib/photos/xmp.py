"""Time and place from XMP, embedded or in a file beside the photo."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from xml.parsers import expat

from facelib.photos.place import Place, checked_place, degrees
from facelib.photos.timestamp import parse_timestamp

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_TIMES = (f"{_EXIF} DateTimeOriginal", "http://ns.adobe.com/photoshop/1.0/ DateCreated", "http://ns.adobe.com/xap/1.0/ CreateDate")
_LATITUDE, _LONGITUDE = f"{_EXIF} GPSLatitude", f"{_EXIF} GPSLongitude"
_WANTED = frozenset({*_TIMES, _LATITUDE, _LONGITUDE})

MAX_BYTES = 16 * 1024 * 1024
"""Longest packet that is parsed; the largest real ones, with a develop history and a preview, stay below a few megabytes."""

_COORDINATE = re.compile(r"\s*([\d.]+)(?:,([\d.]+))?(?:,([\d.]+))?([NSEW])\s*$", re.IGNORECASE)


def time_and_place(packet: bytes) -> tuple[datetime | None, Place | None]:
    """When and where the photo was taken, as an XMP packet says.

    exif:DateTimeOriginal, else photoshop:DateCreated, else xmp:CreateDate; a date without time of day does not count.

    Raises
    ------
    ValueError
        The packet is no XML, declares a document type (entity bombs), or is too long.
    """
    properties = _properties(packet)
    timestamps = (parse_timestamp(properties[name]) for name in _TIMES if name in properties)
    timestamp = next((timestamp for timestamp in timestamps if timestamp is not None), None)
    return timestamp, checked_place(_coordinate(properties.get(_LATITUDE, "")), _coordinate(properties.get(_LONGITUDE, "")))


def read_sidecar(photo: Path) -> bytes | None:
    """The XMP file beside a photo, ``photo.jpg.xmp`` or else ``photo.xmp``; None where there is none that can be read."""
    for beside in (Path(f"{photo}.xmp"), photo.with_suffix(".xmp"), Path(f"{photo}.XMP"), photo.with_suffix(".XMP")):
        try:
            if beside.is_file():
                with open(beside, "rb") as file:
                    return file.read(MAX_BYTES + 1)
        except OSError:
            continue
    return None


def safe_parser(namespace_separator: str | None = None) -> expat.XMLParserType:
    """A parser that raises ValueError at a document type, so that no entity is ever defined or expanded."""

    def refuse(*_: object) -> None:
        raise ValueError("the XMP declares a document type, which is not allowed")

    parser = expat.ParserCreate(namespace_separator=namespace_separator)
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    return parser


def _coordinate(text: str) -> float | None:
    match = _COORDINATE.match(text)
    if match is None:
        return None
    return degrees([float(part) for part in match.groups()[:3] if part], match[4])


def _properties(packet: bytes) -> dict[str, str]:
    """The wanted properties of the resource itself, not of the pictures it was made from, which lie deeper."""
    if len(packet) > MAX_BYTES:
        raise ValueError("the XMP packet is too long")
    found: dict[str, str] = {}
    path: list[str] = []
    text: list[str] = []
    parser = safe_parser(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(name)
        text.clear()
        if path[-2:] == [f"{_RDF} RDF", f"{_RDF} Description"]:
            for key, value in attributes.items():
                if key in _WANTED:
                    found.setdefault(key, value)

    def end(name: str) -> None:
        if name in _WANTED and path[-3:-1] == [f"{_RDF} RDF", f"{_RDF} Description"]:
            found.setdefault(name, "".join(text).strip())
        path.pop()

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text.append
    try:
        # Writers pad packets with zeros, which no XML may end with; in UTF-16 every other byte is one.
        parser.Parse(packet if b"\0" in packet[:4] else packet.strip(b" \t\r\n\0"), True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return found
