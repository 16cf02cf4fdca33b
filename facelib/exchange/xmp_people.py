"""People in XMP: the regions of the Metadata Working Group (MWG), Microsoft and the IPTC, and names without a region."""

from __future__ import annotations

from collections.abc import Iterator
from xml.dom import minidom

from facelib.exchange import rdf
from facelib.exchange.orientation import Size
from facelib.exchange.photo_record import People, combine_people
from facelib.exchange.regions import FileRegion, area_from_center, area_from_corner, merge_regions
from facelib.records import Box

MWG = "http://www.metadataworkinggroup.com/schemas/regions/"
AREA = "http://ns.adobe.com/xmp/sType/Area#"
DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
MICROSOFT = "http://ns.microsoft.com/photo/1.2/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
DIGIKAM = "http://www.digikam.org/ns/1.0/"
LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/"

KINDS = {"face": "face", "body": "body"}
"""The types of MWG regions that are people, not pets, bar codes or focus points. Only this program uses ``Body``."""

_PEOPLE_ROOTS = frozenset({"people", "persons", "personen", "personnes", "personas", "persone", "pessoas", "personer"})
"""Roots of keyword trees that hold people: digiKam's own, and the same word in other languages."""


def read_people(packet: bytes) -> People:
    """Read an XMP packet or sidecar.

    If a face is in several lists, the name in the MWG list wins, then Microsoft's, then the IPTC's.

    Raises
    ------
    ValueError
        If it is not XMP, or not safe to read.
    """
    document = rdf.parse(packet)
    return combine_people(merge_regions(file_regions_in(document)), [*_persons(document), *_keywords(document)])


def file_regions_in(document: minidom.Document) -> list[FileRegion]:
    """All regions of people in the lists of the MWG, Microsoft and the IPTC; a face that is in several lists comes several times."""
    return [*_mwg(document), *_microsoft(document), *_iptc(document)]


def applied_to(regions: rdf.Element) -> Size | None:
    """The size of the picture that ``mwg-rs:Regions`` was made for; None if it is missing or not in pixels."""
    value = rdf.fields(regions).get("AppliedToDimensions")
    if value is None or isinstance(value, str):
        return None
    size = rdf.fields(value)
    width, height = rdf.number(size.get("w")), rdf.number(size.get("h"))
    if width is None or height is None or not (0 < width < 1e6 and 0 < height < 1e6):
        return None
    return width, height


def mwg_entry(entry: rdf.Element, applied: Size | None) -> FileRegion | None:
    """One entry of ``mwg-rs:RegionList``; None if it is not a person or has no area."""
    values = rdf.fields(entry)
    kind = KINDS.get((rdf.text(values.get("Type")) or "Face").strip().casefold())
    value = values.get("Area")
    if kind is None or value is None or isinstance(value, str):
        return None
    area = _mwg_area(rdf.fields(value), applied)
    return None if area is None else FileRegion(rdf.text(values.get("Name")), area, applied, kind, "mwg")


def _mwg(document: minidom.Document) -> Iterator[FileRegion]:
    for regions in rdf.properties(document, MWG, "Regions"):
        applied = applied_to(regions)
        for entry in rdf.items(rdf.fields(regions).get("RegionList")):
            region = mwg_entry(entry, applied)
            if region is not None:
                yield region


def _mwg_area(values: dict[str, rdf.Element | str], applied: Size | None) -> Box | None:
    x, y = rdf.number(values.get("x")), rdf.number(values.get("y"))
    width, height, across = (rdf.number(values.get(key)) for key in ("w", "h", "d"))
    if x is None or y is None:
        return None
    in_pixels = (rdf.text(values.get("unit")) or "normalized").strip().casefold() == "pixel"
    if applied is None:
        # Without the size of the picture, neither pixels nor the two diameters of a circle can be converted.
        if in_pixels or width is None or height is None:
            return None
        return area_from_center(x, y, width, height)
    if width is None or height is None:
        if across is None:
            return None
        # The diameter of a circle is a fraction of the shorter side.
        width = height = across * (1 if in_pixels else min(applied))
        if not in_pixels:
            width, height = width / applied[0], height / applied[1]
    if in_pixels:
        return area_from_center(x / applied[0], y / applied[1], width / applied[0], height / applied[1])
    return area_from_center(x, y, width, height)


def microsoft_entries(document: minidom.Document) -> Iterator[tuple[rdf.Element, FileRegion]]:
    """The entries of ``MP:RegionInfo`` that have a rectangle, with the region of each."""
    for information in rdf.properties(document, MICROSOFT, "RegionInfo"):
        for entry in rdf.items(rdf.fields(information).get("Regions")):
            values = rdf.fields(entry)
            try:
                x, y, width, height = (float(part) for part in (rdf.text(values.get("Rectangle")) or "").split(","))
            except ValueError:
                continue
            area = area_from_corner(x, y, width, height)
            if area is not None:
                yield entry, FileRegion(rdf.text(values.get("PersonDisplayName")), area, source="microsoft")


def _microsoft(document: minidom.Document) -> Iterator[FileRegion]:
    # Windows rotated the pixels themselves, and digiKam writes the numbers of its MWG regions: both mean the stored picture.
    applied = next((size for regions in rdf.properties(document, MWG, "Regions") if (size := applied_to(regions))), None)
    for _, region in microsoft_entries(document):
        yield FileRegion(region.name, region.area, applied, source="microsoft")


def _iptc(document: minidom.Document) -> Iterator[FileRegion]:
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
            area = area_from_corner(*(side for side in sides if side is not None))
            if area is not None:
                yield FileRegion(names[0], area, source="iptc")


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
