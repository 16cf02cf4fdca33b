"""XMP as a tree: parsed safely, read in every way RDF can be written, and serialised without loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias
from xml.dom import Node, minidom
from xml.parsers import expat

from facelib.photos.xmp import MAX_BYTES, safe_parser

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMLNS = "http://www.w3.org/2000/xmlns/"

MAX_NODES = 200_000
MAX_DEPTH = 100
_CONTAINERS = ("Bag", "Seq", "Alt")

Element: TypeAlias = Any
"""An element of the tree; minidom's own type hints are too loose to help."""


def parse(packet: bytes) -> minidom.Document:
    """Parse an XMP packet or sidecar.

    Raises
    ------
    ValueError
        It is not XML, declares a document type (entity bombs), or is larger or deeper than metadata ever are.
    """
    packet = packet.strip(b" \t\r\n\0") if not packet.startswith((b"\xff\xfe", b"\xfe\xff")) else packet
    if len(packet) > MAX_BYTES:
        raise ValueError("the XMP is too long")
    try:
        _check(packet)
        return minidom.parseString(packet)
    except expat.ExpatError as error:
        raise ValueError(f"not XML ({error})") from error


def _check(packet: bytes) -> None:
    """Check the limits before the tree is built, which takes a hundred times the memory."""
    parser = safe_parser()
    nodes = depth = 0

    def start(_: str, attributes: dict[str, str]) -> None:
        nonlocal nodes, depth
        nodes += 1 + len(attributes)
        depth += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ValueError("the XMP has more or deeper elements than metadata have")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(packet, True)


def children(element: Element) -> list[Element]:
    """The elements directly inside."""
    return [child for child in element.childNodes if child.nodeType == Node.ELEMENT_NODE]


def is_rdf(element: Element, *names: str) -> bool:
    """Whether an element has one of these names in RDF's namespace."""
    return element.namespaceURI == RDF and element.localName in names


def descriptions(document: minidom.Document) -> list[Element]:
    """The top-level descriptions. They are about the photo itself; those of the pictures it was made from are nested deeper.

    Raises
    ------
    ValueError
        If there is no RDF.
    """
    return [child for child in children(root(document)) if is_rdf(child, "Description")]


def root(document: minidom.Document) -> Element:
    """The element ``rdf:RDF``.

    Raises
    ------
    ValueError
        If there is none.
    """
    top = document.documentElement
    found = [top] if is_rdf(top, "RDF") else [child for child in children(top) if is_rdf(child, "RDF")]
    if not found:
        raise ValueError("no RDF in the XMP")
    return found[0]


def properties(document: minidom.Document, namespace: str, name: str) -> Iterator[Element]:
    """The elements of one top-level property; a correct file has at most one."""
    for description in descriptions(document):
        yield from (child for child in children(description) if child.namespaceURI == namespace and child.localName == name)


def structure(element: Element) -> Element:
    """The element that has the fields of a structure: the element itself, or the description nested in it."""
    inner = children(element)
    return inner[0] if len(inner) == 1 and is_rdf(inner[0], "Description") else element


def fields(element: Element) -> dict[str, Element | str]:
    """The fields of a structure by local name: elements, or strings, because RDF allows simple fields as attributes."""
    found: dict[str, Element | str] = {}
    for holder in {id(e): e for e in (element, structure(element))}.values():
        for attribute in (holder.attributes or {}).values():
            if attribute.namespaceURI not in (None, RDF, XMLNS, "http://www.w3.org/XML/1998/namespace"):
                found[attribute.localName] = attribute.value
        for child in children(holder):
            if child.namespaceURI != RDF:
                found[child.localName] = child
    return found


def container(element: Element) -> Element | None:
    """The bag, sequence or alternatives that an element has as its value."""
    return next((child for child in children(element) if is_rdf(child, *_CONTAINERS)), None)


def items(element: Element | str | None) -> list[Element]:
    """The items of an array."""
    if element is None or isinstance(element, str):
        return []
    array = container(element)
    return [] if array is None else [child for child in children(array) if is_rdf(child, "li")]


def text(value: Element | str | None) -> str | None:
    """The text of a simple value; None if there is none."""
    if value is None or isinstance(value, str):
        return value
    for holder in (value, structure(value)):
        if holder.hasAttributeNS(RDF, "value"):
            return str(holder.getAttributeNS(RDF, "value"))
    for child in (*children(value), *children(structure(value))):
        if is_rdf(child, "value"):
            return text(child)
    if children(value):
        return None
    return "".join(child.data for child in value.childNodes if child.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE))


def number(value: Element | str | None) -> float | None:
    """The number of a simple value; None if it is not a number."""
    try:
        return float(text(value) or "")
    except ValueError:
        return None


def serialise(document: minidom.Document, declare: bool) -> bytes:
    """Serialise a document as UTF-8; prefixes, comments, processing instructions and white space stay as they were.

    minidom's own serialiser does not escape line breaks in attributes, so that the next parser would turn them into spaces.

    Parameters
    ----------
    declare : bool
        Whether to begin with an XML declaration.
    """
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n'] if declare else []
    for node in document.childNodes:
        _write(node, parts)
        parts.append("\n")
    return "".join(parts).encode("utf-8")


def _write(node: Any, parts: list[str]) -> None:
    if node.nodeType == Node.ELEMENT_NODE:
        attributes = "".join(f' {a.name}="{_escaped(a.value, True)}"' for a in (node.attributes or {}).values())
        parts.append(f"<{node.tagName}{attributes}")
        if not node.childNodes:
            parts.append("/>")
            return
        parts.append(">")
        for child in node.childNodes:
            _write(child, parts)
        parts.append(f"</{node.tagName}>")
    elif node.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
        parts.append(_escaped(node.data, False))
    elif node.nodeType == Node.COMMENT_NODE:
        parts.append(f"<!--{node.data}-->")
    elif node.nodeType == Node.PROCESSING_INSTRUCTION_NODE:
        parts.append(f"<?{node.target} {node.data}?>")


def _escaped(value: str, attribute: bool) -> str:
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
    if attribute:
        value = value.replace('"', "&quot;").replace("\n", "&#xA;").replace("\t", "&#x9;")
    return value
