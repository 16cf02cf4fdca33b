"""Writing people into XMP, and keeping everything other programs wrote there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.dom import Node, minidom

import numpy as np

from facelib.exchange import rdf
from facelib.exchange.orientation import Frame, Size
from facelib.exchange.regions import SAME_FACE_IOU, FileRegion, Region, box_iou, clean_name, same_name, to_file_region
from facelib.exchange.xmp_people import AREA, DIMENSIONS, IPTC, MWG, applied_to, file_regions_in, microsoft_entries, mwg_entry
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
    """Names whose region was removed or renamed, and whether anything was changed."""

    removed: list[str] = field(default_factory=list)
    any: bool = False


def update_people(packet: bytes | None, regions: Sequence[Region], frame: Frame) -> bytes | None:
    """Update an XMP packet so that it names these people.

    Only contradictions are changed. A region of another program that overlaps one of ``regions`` gets its name and keeps everything
    else; a region with a rejected name is removed. Everything else keeps its place and spelling.

    Parameters
    ----------
    packet : bytes or None
        The present packet, if there is one.
    regions : sequence of Region
        Regions with a name, and regions whose name is rejected.

    Returns
    -------
    bytes or None
        UTF-8; None if ``packet`` needs no change.

    Raises
    ------
    ValueError
        If the packet is not XMP, or its regions were made for a picture of another shape than the photo.
    """
    document = rdf.parse(packet or _EMPTY)
    rdf.root(document)
    named = [region for region in regions if clean_name(region.name) is not None]
    changes = _Changes()
    _update_mwg(document, named, frame, changes)
    _update_microsoft(document, named, frame, changes)
    _update_persons(document, named, changes)
    if not changes.any:
        return None
    return rdf.serialise(document, declare=packet is not None and packet.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml "))


def _update_mwg(document: minidom.Document, regions: list[Region], frame: Frame, changes: _Changes) -> None:
    present = next(rdf.properties(document, MWG, "Regions"), None)
    applied = None if present is None else applied_to(present)
    entries = [] if present is None else rdf.items(rdf.fields(present).get("RegionList"))
    if frame.applies_to(applied) == "other":
        if entries:
            raise ValueError("its regions were made for a picture of another shape: the photo was cropped or replaced since")
        applied = None
    entry_regions = [mwg_entry(entry, applied) for entry in entries]
    ours = [to_file_region(region, frame, applied) for region in regions]
    matches = _match(regions, ours, entry_regions)
    for n, (region, new) in enumerate(zip(regions, ours, strict=True)):
        old = entry_regions[matches[n]] if n in matches else None
        if old is not None:
            _reconcile(entries[matches[n]], "Name", MWG, "mwg-rs", old.name, region, changes)
        elif not region.rejected:
            _add_region(_region_list(document, frame), new, clean_name(region.name) or "")
            changes.any = True


def _match(regions: Sequence[Region], ours: Sequence[FileRegion], entry_regions: Sequence[FileRegion | None]) -> dict[int, int]:
    """The entry that each of our regions matches: names first, one to one, then rejections among the entries that are left."""
    named = [n for n, region in enumerate(regions) if not region.rejected]
    pairs = {named[n]: k for n, k in _match_areas([ours[n] for n in named], entry_regions).items()}
    taken = set(pairs.values())
    for n, region in enumerate(regions):
        wrong = [each if each and k not in taken and same_name(each.name, region.name) else None for k, each in enumerate(entry_regions)]
        if region.rejected and (match := _match_areas([ours[n]], wrong)):
            pairs[n] = match[0]
            taken.add(match[0])
    return pairs


def _match_areas(ours: Sequence[FileRegion], entry_regions: Sequence[FileRegion | None]) -> dict[int, int]:
    overlaps = np.array([[box_iou(a.area, b.area) if b is not None and a.kind == b.kind else 0.0 for b in entry_regions] for a in ours])
    return dict(match_boxes(overlaps.reshape(len(ours), len(entry_regions)), SAME_FACE_IOU)) if ours and entry_regions else {}


def _reconcile(
    entry: rdf.Element, field_name: str, namespace: str, prefix: str, old: str | None, region: Region, changes: _Changes
) -> None:
    """Change an entry that matches one of our regions so that it agrees with it."""
    if region.rejected:
        if same_name(old, region.name):
            changes.removed.append(region.name or "")
            entry.parentNode.removeChild(entry)
            changes.any = True
    elif not same_name(old, region.name):
        if clean_name(old) is not None:
            changes.removed.append(old or "")
        _set_field(entry, namespace, prefix, field_name, clean_name(region.name) or "")
        changes.any = True


def _update_microsoft(document: minidom.Document, regions: list[Region], frame: Frame, changes: _Changes) -> None:
    entries = list(microsoft_entries(document))
    applied = next((size for element in rdf.properties(document, MWG, "Regions") if (size := applied_to(element))), None)
    ours = [to_file_region(region, frame, applied if frame.applies_to(applied) != "other" else None) for region in regions]
    for n, k in _match(regions, ours, [each for _, each in entries]).items():
        entry, old = entries[k]
        _reconcile(entry, "PersonDisplayName", "http://ns.microsoft.com/photo/1.2/t/Region#", "MPReg", old.name, regions[n], changes)


def _update_persons(document: minidom.Document, regions: list[Region], changes: _Changes) -> None:
    property_ = next(rdf.properties(document, IPTC, "PersonInImage"), None)
    wanted = {fold(name): name for region in regions if not region.rejected and (name := clean_name(region.name)) is not None}
    named_elsewhere = {fold(name) for region in file_regions_in(document) if (name := clean_name(region.name)) is not None}
    obsolete = {fold(name) for name in map(clean_name, changes.removed) if name is not None} - wanted.keys() - named_elsewhere
    present = set()
    for item in rdf.items(property_):
        name = fold(clean_name(rdf.text(item)) or "")
        present.add(name)
        if name in obsolete:
            item.parentNode.removeChild(item)
            changes.any = True
    missing = [name for key, name in wanted.items() if key not in present]
    if missing:
        if property_ is None:
            property_ = _add_child(_description(document), IPTC, "Iptc4xmpExt", "PersonInImage")
        bag = rdf.container(property_) or _add_child(property_, rdf.RDF, "rdf", "Bag")
        for name in missing:
            _add_child(bag, rdf.RDF, "rdf", "li", name)
        changes.any = True


def _region_list(document: minidom.Document, frame: Frame) -> rdf.Element:
    """The bag of MWG regions; it is created if there is none."""
    regions = next(rdf.properties(document, MWG, "Regions"), None)
    if regions is None:
        regions = _add_child(_description(document), MWG, "mwg-rs", "Regions", resource=True)
    applied = applied_to(regions)
    if not rdf.items(rdf.fields(regions).get("RegionList")) and (applied is None or frame.applies_to(applied) == "other"):
        _set_size(regions, frame.stored)
    listed = rdf.fields(regions).get("RegionList")
    if listed is None or isinstance(listed, str):
        listed = _add_child(rdf.structure(regions), MWG, "mwg-rs", "RegionList")
    return rdf.container(listed) or _add_child(listed, rdf.RDF, "rdf", "Bag")


def _set_size(regions: rdf.Element, size: Size) -> None:
    old = rdf.fields(regions).get("AppliedToDimensions")
    if old is not None and not isinstance(old, str):
        old.parentNode.removeChild(old)
    dimensions = _add_child(rdf.structure(regions), MWG, "mwg-rs", "AppliedToDimensions", resource=True)
    for key, value in (("w", f"{size[0]:g}"), ("h", f"{size[1]:g}"), ("unit", "pixel")):
        _add_child(dimensions, DIMENSIONS, "stDim", key, value)


def _add_region(bag: rdf.Element, region: FileRegion, name: str) -> None:
    entry = _add_child(bag, rdf.RDF, "rdf", "li", resource=True)
    _add_child(entry, MWG, "mwg-rs", "Name", name)
    _add_child(entry, MWG, "mwg-rs", "Type", region.kind.capitalize())
    area = _add_child(entry, MWG, "mwg-rs", "Area", resource=True)
    x0, y0, x1, y1 = region.area
    for key, value in (("x", (x0 + x1) / 2), ("y", (y0 + y1) / 2), ("w", x1 - x0), ("h", y1 - y0)):
        _add_child(area, AREA, "stArea", key, f"{value:.8f}".rstrip("0").rstrip("."))
    _add_child(area, AREA, "stArea", "unit", "normalized")


def _set_field(entry: rdf.Element, namespace: str, prefix: str, name: str, value: str) -> None:
    for holder in (entry, rdf.structure(entry)):
        if holder.hasAttributeNS(namespace, name):
            holder.setAttributeNS(namespace, holder.getAttributeNodeNS(namespace, name).name, value.translate(_NOT_IN_XML))
            return
    old = rdf.fields(entry).get(name)
    if old is not None and not isinstance(old, str):
        while old.firstChild is not None:
            old.removeChild(old.firstChild)
        old.appendChild(old.ownerDocument.createTextNode(value.translate(_NOT_IN_XML)))
    else:
        _add_child(rdf.structure(entry), namespace, prefix, name, value)


def _description(document: minidom.Document) -> rdf.Element:
    """The description that new properties are added to."""
    descriptions = rdf.descriptions(document)
    return descriptions[0] if descriptions else _add_child(rdf.root(document), rdf.RDF, "rdf", "Description")


def _add_child(
    parent: rdf.Element, namespace: str, prefix: str, name: str, value: str | None = None, resource: bool = False
) -> rdf.Element:
    """Append a new child and declare its namespace if no prefix stands for it; ``resource`` makes it a structure."""
    document = parent.ownerDocument
    child: rdf.Element = document.createElementNS(namespace, name)
    parent.appendChild(child)
    used = _prefix(child, namespace, prefix)
    child.tagName = child.nodeName = f"{used}:{name}"
    child.prefix = used
    if resource:
        child.setAttributeNS(rdf.RDF, f"{_prefix(child, rdf.RDF, 'rdf')}:parseType", "Resource")
    if value is not None:
        child.appendChild(document.createTextNode(value.translate(_NOT_IN_XML)))
    return child


def _prefix(element: rdf.Element, namespace: str, wanted: str) -> str:
    """The prefix that stands for a namespace at this element; it is declared here if none does."""
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
