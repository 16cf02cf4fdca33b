"""Writing people into XMP beside what other programs wrote there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.dom import Node, minidom

import numpy as np

from facelib.exchange import rdf
from facelib.exchange.orientation import Frame, Size
from facelib.exchange.regions import SAME_AREA, Mark, Region, clean_name, mark_of, overlap, same_name
from facelib.exchange.xmp_people import AREA, DIMENSIONS, IPTC, MWG, applied_to, marks_in, microsoft_entries, mwg_entry
from facelib.geometry import match_boxes
from facelib.store.names import fold

_EMPTY = (
    b"<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='facelib'>\n"
    b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n"
    b"<rdf:Description rdf:about=''/>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end='w'?>"
)
_NOT_IN_XML = dict.fromkeys((*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)))


@dataclass
class _Changes:
    """Names that lost a region, and whether anything was changed."""

    lost: list[str] = field(default_factory=list)
    done: bool = False


def with_people(packet: bytes | None, regions: Sequence[Region], frame: Frame) -> bytes | None:
    """An XMP packet that names these people.

    Only what contradicts is changed: a region of another program that overlaps one of ``regions`` takes its name and keeps all
    else, and one that has a rejected name is taken out. Everything else stays, in its place and spelling.

    Parameters
    ----------
    packet : bytes or None
        What is there; None for nothing.
    regions : sequence of Region
        Named ones, and rejected ones.

    Returns
    -------
    bytes or None
        UTF-8; None where ``packet`` says all that already.

    Raises
    ------
    ValueError
        If the packet is no XMP, or its regions are of a picture of another shape than the photo.
    """
    document = rdf.parse(packet or _EMPTY)
    rdf.root(document)
    named = [region for region in regions if clean_name(region.name) is not None]
    changes = _Changes()
    _put_regions(document, named, frame, changes)
    _put_microsoft(document, named, frame, changes)
    _put_persons(document, named, changes)
    if not changes.done:
        return None
    return rdf.serialise(document, declare=packet is not None and packet.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml "))


def _put_regions(document: minidom.Document, regions: list[Region], frame: Frame, changes: _Changes) -> None:
    there = next(rdf.properties(document, MWG, "Regions"), None)
    applied = None if there is None else applied_to(there)
    entries = [] if there is None else rdf.items(rdf.fields(there).get("RegionList"))
    if frame.applies(applied) == "other":
        if entries:
            raise ValueError("its regions are of a picture of another shape: the photo was cropped or replaced since")
        applied = None
    marks = [mwg_entry(entry, applied) for entry in entries]
    ours = [mark_of(region, frame, applied) for region in regions]
    twins = _pairs(regions, ours, marks)
    for n, (region, mark) in enumerate(zip(regions, ours, strict=True)):
        old = marks[twins[n]] if n in twins else None
        if old is not None:
            _settle(entries[twins[n]], "Name", MWG, "mwg-rs", old.name, region, changes)
        elif not region.rejected:
            _append(_region_list(document, frame), mark, clean_name(region.name) or "")
            changes.done = True


def _pairs(regions: Sequence[Region], ours: Sequence[Mark], marks: Sequence[Mark | None]) -> dict[int, int]:
    """Which entry each of our regions is: those that name somebody first and one to one, then rejections of what is left."""
    named = [n for n, region in enumerate(regions) if not region.rejected]
    pairs = {named[n]: k for n, k in _overlapping([ours[n] for n in named], marks).items()}
    taken = set(pairs.values())
    for n, region in enumerate(regions):
        wrong = [mark if mark and k not in taken and same_name(mark.name, region.name) else None for k, mark in enumerate(marks)]
        if region.rejected and (met := _overlapping([ours[n]], wrong)):
            pairs[n] = met[0]
            taken.add(met[0])
    return pairs


def _overlapping(ours: Sequence[Mark], marks: Sequence[Mark | None]) -> dict[int, int]:
    overlaps = np.array([[overlap(a.area, b.area) if b is not None and a.kind == b.kind else 0.0 for b in marks] for a in ours])
    return dict(match_boxes(overlaps.reshape(len(ours), len(marks)), SAME_AREA)) if ours and marks else {}


def _settle(entry: rdf.Element, field_name: str, namespace: str, prefix: str, old: str | None, region: Region, changes: _Changes) -> None:
    """Bring the name of a region that overlaps one of ours in line with it."""
    if region.rejected:
        if same_name(old, region.name):
            changes.lost.append(region.name or "")
            entry.parentNode.removeChild(entry)
            changes.done = True
    elif not same_name(old, region.name):
        if clean_name(old) is not None:
            changes.lost.append(old or "")
        _set_field(entry, namespace, prefix, field_name, clean_name(region.name) or "")
        changes.done = True


def _put_microsoft(document: minidom.Document, regions: list[Region], frame: Frame, changes: _Changes) -> None:
    found = list(microsoft_entries(document))
    applied = next((size for element in rdf.properties(document, MWG, "Regions") if (size := applied_to(element))), None)
    ours = [mark_of(region, frame, applied if frame.applies(applied) != "other" else None) for region in regions]
    for n, k in _pairs(regions, ours, [mark for _, mark in found]).items():
        entry, old = found[k]
        _settle(entry, "PersonDisplayName", "http://ns.microsoft.com/photo/1.2/t/Region#", "MPReg", old.name, regions[n], changes)


def _put_persons(document: minidom.Document, regions: list[Region], changes: _Changes) -> None:
    property_ = next(rdf.properties(document, IPTC, "PersonInImage"), None)
    wanted = {fold(name): name for region in regions if not region.rejected and (name := clean_name(region.name)) is not None}
    still = {fold(name) for mark in marks_in(document) if (name := clean_name(mark.name)) is not None}
    gone = {fold(name) for name in map(clean_name, changes.lost) if name is not None} - wanted.keys() - still
    there = set()
    for item in rdf.items(property_):
        name = fold(clean_name(rdf.text(item)) or "")
        there.add(name)
        if name in gone:
            item.parentNode.removeChild(item)
            changes.done = True
    missing = [name for key, name in wanted.items() if key not in there]
    if missing:
        if property_ is None:
            property_ = _make(_description(document), IPTC, "Iptc4xmpExt", "PersonInImage")
        bag = rdf.container(property_) or _make(property_, rdf.RDF, "rdf", "Bag")
        for name in missing:
            _make(bag, rdf.RDF, "rdf", "li", name)
        changes.done = True


def _region_list(document: minidom.Document, frame: Frame) -> rdf.Element:
    """The bag of MWG regions, made where there is none."""
    regions = next(rdf.properties(document, MWG, "Regions"), None)
    if regions is None:
        regions = _make(_description(document), MWG, "mwg-rs", "Regions", resource=True)
    applied = applied_to(regions)
    if not rdf.items(rdf.fields(regions).get("RegionList")) and (applied is None or frame.applies(applied) == "other"):
        _put_size(regions, frame.stored)
    listed = rdf.fields(regions).get("RegionList")
    if listed is None or isinstance(listed, str):
        listed = _make(rdf.body(regions), MWG, "mwg-rs", "RegionList")
    return rdf.container(listed) or _make(listed, rdf.RDF, "rdf", "Bag")


def _put_size(regions: rdf.Element, size: Size) -> None:
    old = rdf.fields(regions).get("AppliedToDimensions")
    if old is not None and not isinstance(old, str):
        old.parentNode.removeChild(old)
    made = _make(rdf.body(regions), MWG, "mwg-rs", "AppliedToDimensions", resource=True)
    for key, value in (("w", f"{size[0]:g}"), ("h", f"{size[1]:g}"), ("unit", "pixel")):
        _make(made, DIMENSIONS, "stDim", key, value)


def _append(bag: rdf.Element, mark: Mark, name: str) -> None:
    entry = _make(bag, rdf.RDF, "rdf", "li", resource=True)
    _make(entry, MWG, "mwg-rs", "Name", name)
    _make(entry, MWG, "mwg-rs", "Type", mark.kind.capitalize())
    area = _make(entry, MWG, "mwg-rs", "Area", resource=True)
    x0, y0, x1, y1 = mark.area
    for key, value in (("x", (x0 + x1) / 2), ("y", (y0 + y1) / 2), ("w", x1 - x0), ("h", y1 - y0)):
        _make(area, AREA, "stArea", key, f"{value:.8f}".rstrip("0").rstrip("."))
    _make(area, AREA, "stArea", "unit", "normalized")


def _set_field(entry: rdf.Element, namespace: str, prefix: str, name: str, value: str) -> None:
    for holder in (entry, rdf.body(entry)):
        if holder.hasAttributeNS(namespace, name):
            holder.setAttributeNS(namespace, holder.getAttributeNodeNS(namespace, name).name, value.translate(_NOT_IN_XML))
            return
    old = rdf.fields(entry).get(name)
    if old is not None and not isinstance(old, str):
        while old.firstChild is not None:
            old.removeChild(old.firstChild)
        old.appendChild(old.ownerDocument.createTextNode(value.translate(_NOT_IN_XML)))
    else:
        _make(rdf.body(entry), namespace, prefix, name, value)


def _description(document: minidom.Document) -> rdf.Element:
    """The description new properties go into."""
    there = rdf.descriptions(document)
    return there[0] if there else _make(rdf.root(document), rdf.RDF, "rdf", "Description")


def _make(parent: rdf.Element, namespace: str, prefix: str, name: str, value: str | None = None, resource: bool = False) -> rdf.Element:
    """A new last child, with its namespaces declared where they are not in force; ``resource`` makes it a structure."""
    document = parent.ownerDocument
    made: rdf.Element = document.createElementNS(namespace, name)
    parent.appendChild(made)
    used = _prefix(made, namespace, prefix)
    made.tagName = made.nodeName = f"{used}:{name}"
    made.prefix = used
    if resource:
        made.setAttributeNS(rdf.RDF, f"{_prefix(made, rdf.RDF, 'rdf')}:parseType", "Resource")
    if value is not None:
        made.appendChild(document.createTextNode(value.translate(_NOT_IN_XML)))
    return made


def _prefix(element: rdf.Element, namespace: str, wanted: str) -> str:
    """A prefix that stands for a namespace here, declared on the element if none does."""
    hidden: set[str] = set()
    node = element
    while node is not None and node.nodeType == Node.ELEMENT_NODE:
        for attribute in (node.attributes or {}).values():
            if attribute.namespaceURI == rdf.XMLNS and attribute.prefix and attribute.localName not in hidden:
                if attribute.value == namespace:
                    return str(attribute.localName)
                hidden.add(attribute.localName)
        node = node.parentNode
    element.setAttributeNS(rdf.XMLNS, f"xmlns:{wanted}", namespace)
    return wanted
