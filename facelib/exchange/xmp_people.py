"""People in XMP: regions of the Metadata Working Group, Microsoft and the IPTC, and names without a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.dom import minidom

from facelib.exchange import rdf
from facelib.exchange.orientation import Size
from facelib.exchange.regions import Mark, centred, clean_name, cornered, merged
from facelib.records import Box
from facelib.store.names import fold

MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
AREA = "http://ns.adobe.com/xmp/sType/Area#"
DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
MICROSOFT = "http://ns.microsoft.com/photo/1.2/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
DIGIKAM = "http://www.digikam.org/ns/1.0/"
LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/"

KINDS = {"face": "face", "body": "body"}
"""What is read of the types of MWG regions; pets, bar codes and focus points are no people. ``Body`` is this program's own."""

_PEOPLE_ROOTS = frozenset({"people", "persons", "personen", "personnes", "personas", "persone", "pessoas", "personer"})
"""Roots of keyword trees whose leaves are people: digiKam's own, and the same word in other languages."""


@dataclass(frozen=True)
class People:
    """Who is in a photo, as a file of another program says.

    Attributes
    ----------
    marks : tuple of Mark
        Regions, named or not, each face once.
    names : tuple of str
        Names said of the photo as a whole, those of ``marks`` left out.
    """

    marks: tuple[Mark, ...] = ()
    names: tuple[str, ...] = ()


def read_people(packet: bytes) -> People:
    """Read an XMP packet or sidecar.

    Where a face is in several lists, the name of the Metadata Working Group's counts, then Microsoft's, then the IPTC's.

    Raises
    ------
    ValueError
        If it is no XMP, or none that is safe to read.
    """
    document = rdf.parse(packet)
    return joined(merged(marks_in(document)), [*_persons(document), *_keywords(document)])


def marks_in(document: minidom.Document) -> list[Mark]:
    """All regions of people, as often as they are there: the Metadata Working Group's, Microsoft's, the IPTC's."""
    return [*_mwg(document), *_microsoft(document), *_iptc(document)]


def joined(marks: list[Mark], names: list[str | None]) -> People:
    """Marks and names as one, each name once and only where no mark has it."""
    seen = {fold(name) for mark in marks if (name := clean_name(mark.name)) is not None}
    kept: list[str] = []
    for text in names:
        name = clean_name(text)
        if name is not None and fold(name) not in seen:
            seen.add(fold(name))
            kept.append(name)
    return People(tuple(marks), tuple(kept))


def applied_to(regions: rdf.Element) -> Size | None:
    """The size of the picture that ``mwg-rs:Regions`` speaks of; None where it is missing or not in pixels."""
    value = rdf.fields(regions).get("AppliedToDimensions")
    if value is None or isinstance(value, str):
        return None
    size = rdf.fields(value)
    width, height = rdf.number(size.get("w")), rdf.number(size.get("h"))
    if width is None or height is None or not (0 < width < 1e6 and 0 < height < 1e6):
        return None
    return width, height


def mwg_entry(entry: rdf.Element, applied: Size | None) -> Mark | None:
    """One entry of ``mwg-rs:RegionList``; None for what is no person, or has no area."""
    values = rdf.fields(entry)
    kind = KINDS.get((rdf.text(values.get("Type")) or "Face").strip().casefold())
    value = values.get("Area")
    if kind is None or value is None or isinstance(value, str):
        return None
    area = _mwg_area(rdf.fields(value), applied)
    return None if area is None else Mark(rdf.text(values.get("Name")), area, applied, kind, "mwg")


def _mwg(document: minidom.Document) -> Iterator[Mark]:
    for regions in rdf.properties(document, MWG, "Regions"):
        applied = applied_to(regions)
        for entry in rdf.items(rdf.fields(regions).get("RegionList")):
            mark = mwg_entry(entry, applied)
            if mark is not None:
                yield mark


def _mwg_area(values: dict[str, rdf.Element | str], applied: Size | None) -> Box | None:
    x, y = rdf.number(values.get("x")), rdf.number(values.get("y"))
    width, height, across = (rdf.number(values.get(key)) for key in ("w", "h", "d"))
    if x is None or y is None:
        return None
    in_pixels = (rdf.text(values.get("unit")) or "normalized").strip().casefold() == "pixel"
    if applied is None:
        # Without the picture's size neither pixels nor the two diameters of a circle are known.
        if in_pixels or width is None or height is None:
            return None
        return centred(x, y, width, height)
    if width is None or height is None:
        if across is None:
            return None
        # A circle's diameter is in parts of the shorter side.
        width = height = across * (1 if in_pixels else min(applied))
        if not in_pixels:
            width, height = width / applied[0], height / applied[1]
    if in_pixels:
        return centred(x / applied[0], y / applied[1], width / applied[0], height / applied[1])
    return centred(x, y, width, height)


def microsoft_entries(document: minidom.Document) -> Iterator[tuple[rdf.Element, Mark]]:
    """The entries of ``MP:RegionInfo`` that have a rectangle, and what they say."""
    for information in rdf.properties(document, MICROSOFT, "RegionInfo"):
        for entry in rdf.items(rdf.fields(information).get("Regions")):
            values = rdf.fields(entry)
            try:
                x, y, width, height = (float(part) for part in (rdf.text(values.get("Rectangle")) or "").split(","))
            except ValueError:
                continue
            area = cornered(x, y, width, height)
            if area is not None:
                yield entry, Mark(rdf.text(values.get("PersonDisplayName")), area, source="microsoft")


def _microsoft(document: minidom.Document) -> Iterator[Mark]:
    # Windows turned the pixels themselves, and digiKam writes the numbers of its MWG regions: both are of the stored picture.
    applied = next((size for regions in rdf.properties(document, MWG, "Regions") if (size := applied_to(regions))), None)
    for _, mark in microsoft_entries(document):
        yield Mark(mark.name, mark.area, applied, source="microsoft")


def _iptc(document: minidom.Document) -> Iterator[Mark]:
    for property_ in rdf.properties(document, IPTC, "ImageRegion"):
        for entry in rdf.items(property_):
            values = rdf.fields(entry)
            boundary = values.get("RegionBoundary")
            names = [rdf.text(item) for item in rdf.items(values.get("PersonInImage"))]
            if len(names) != 1 or boundary is None or isinstance(boundary, str):
                continue
            shape = rdf.fields(boundary)
            sides = [rdf.number(shape.get(key)) for key in ("rbX", "rbY", "rbW", "rbH")]
            if (rdf.text(shape.get("rbUnit")) or "").strip() != "relative" or any(side is None for side in sides):
                continue
            area = cornered(*(side for side in sides if side is not None))
            if area is not None:
                yield Mark(names[0], area, source="iptc")


def _persons(document: minidom.Document) -> Iterator[str | None]:
    for property_ in rdf.properties(document, IPTC, "PersonInImage"):
        yield from (rdf.text(item) for item in rdf.items(property_))
    for property_ in rdf.properties(document, IPTC, "PersonInImageWDetails"):
        for entry in rdf.items(property_):
            alternatives = rdf.items(rdf.fields(entry).get("PersonName"))
            yield rdf.text(alternatives[0]) if alternatives else None


def _keywords(document: minidom.Document) -> Iterator[str]:
    for namespace, name, separator in ((DIGIKAM, "TagsList", "/"), (LIGHTROOM, "hierarchicalSubject", "|")):
        for property_ in rdf.properties(document, namespace, name):
            for item in rdf.items(property_):
                root, *rest = (rdf.text(item) or "").split(separator)
                if rest and root.strip().casefold() in _PEOPLE_ROOTS:
                    yield rest[-1]
