"""XMP as a tree: parsed safely, read whichever of RDF's spellings it is in, written back with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias
from xml.dom import Node, minidom
from xml.parsers import expat

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMLNS = "http://www.w3.org/2000/xmlns/"

MOST_BYTES = 16 * 1024 * 1024
MOST_NODES = 200_000
MOST_DEPTH = 100
_CONTAINERS = ("Bag", "Seq", "Alt")

Element: TypeAlias = Any
"""An element of the tree; the type hints of minidom promise too little to be of use."""


def parse(packet: bytes) -> minidom.Document:
    """Parse an XMP packet or sidecar.

    Raises
    ------
    ValueError
        It is no XML, declares a document type (entity bombs), or is larger or deeper than metadata are.
    """
    packet = packet.strip(b" \t\r\n\0") if not packet.startswith((b"\xff\xfe", b"\xfe\xff")) else packet
    if len(packet) > MOST_BYTES:
        raise ValueError("the XMP is too long")
    try:
        _check(packet)
        return minidom.parseString(packet)
    except expat.ExpatError as error:
        raise ValueError(f"no XML ({error})") from error


def _check(packet: bytes) -> None:
    """Look before building the tree, which would take a hundred times the memory."""
    parser = expat.ParserCreate()
    counts = [0, 0]

    def start(_: str, attributes: dict[str, str]) -> None:
        counts[0] += 1 + len(attributes)
        counts[1] += 1
        if counts[0] > MOST_NODES or counts[1] > MOST_DEPTH:
            raise ValueError("the XMP has more or deeper elements than metadata have")

    def end(_: str) -> None:
        counts[1] -= 1

    def refuse(*_: object) -> None:
        raise ValueError("XMP declares no document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.Parse(packet, True)


def children(element: Element) -> list[Element]:
    """The elements directly inside."""
    return [child for child in element.childNodes if child.nodeType == Node.ELEMENT_NODE]


def is_rdf(element: Element, *names: str) -> bool:
    """Whether an element is one of RDF's own."""
    return element.namespaceURI == RDF and element.localName in names


def descriptions(document: minidom.Document) -> list[Element]:
    """The top descriptions: those of the photo, not of the pictures it was made from, which lie deeper.

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
    """The elements of one top-level property; properly there is at most one."""
    for description in descriptions(document):
        yield from (child for child in children(description) if child.namespaceURI == namespace and child.localName == name)


def body(element: Element) -> Element:
    """The element that holds a structure's fields: the element itself, or the description nested in it."""
    inner = children(element)
    return inner[0] if len(inner) == 1 and is_rdf(inner[0], "Description") else element


def fields(element: Element) -> dict[str, Element | str]:
    """The fields of a structure by local name: elements, or the strings RDF lets stand as attributes."""
    found: dict[str, Element | str] = {}
    for holder in {id(e): e for e in (element, body(element))}.values():
        for attribute in (holder.attributes or {}).values():
            if attribute.namespaceURI not in (None, RDF, XMLNS, "http://www.w3.org/XML/1998/namespace"):
                found[attribute.localName] = attribute.value
        for child in children(holder):
            if child.namespaceURI != RDF:
                found[child.localName] = child
    return found


def container(element: Element) -> Element | None:
    """The bag, sequence or alternatives that are an element's value."""
    return next((child for child in children(element) if is_rdf(child, *_CONTAINERS)), None)


def items(element: Element | str | None) -> list[Element]:
    """The items of an array."""
    if element is None or isinstance(element, str):
        return []
    array = container(element)
    return [] if array is None else [child for child in children(array) if is_rdf(child, "li")]


def text(value: Element | str | None) -> str | None:
    """The text of a simple value; None where there is none."""
    if value is None or isinstance(value, str):
        return value
    for holder in (value, body(value)):
        if holder.hasAttributeNS(RDF, "value"):
            return str(holder.getAttributeNS(RDF, "value"))
    for child in (*children(value), *children(body(value))):
        if is_rdf(child, "value"):
            return text(child)
    if children(value):
        return None
    return "".join(child.data for child in value.childNodes if child.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE))


def number(value: Element | str | None) -> float | None:
    """The number of a simple value; None where it is none."""
    try:
        return float(text(value) or "")
    except ValueError:
        return None


def serialise(document: minidom.Document, declare: bool) -> bytes:
    """A document as UTF-8, prefixes, comments, processing instructions and white space as they were.

    Not minidom's own: that leaves line breaks in attributes bare, and the next parser would make spaces of them.

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
