"""XMP is parsed safely, and written back with nothing lost."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.exchange import rdf
from facelib.photos.xmp import MAX_BYTES

BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&c;</rdf:RDF>'
)


@pytest.mark.parametrize(
    "packet",
    [
        BOMB,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b"<a>" * 200 + b"</a>" * 200,
        b"<a>" + b"<b/>" * (rdf.MAX_NODES + 1) + b"</a>",
        b"<a" + b"".join(b' b%d="c"' % n for n in range(rdf.MAX_NODES + 1)) + b"/>",
        b"<a>" + b" " * MAX_BYTES + b"</a>",
        b"", b"no xml", b"<a>", b"<a:b/>", b"\xff\xfe<a/>",
    ],
    ids=lambda packet: packet[:12].decode("latin-1"),
)  # fmt: skip
def test_hostile_xml_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match=r"XMP|XML"):
        rdf.parse(packet)


def test_no_rdf() -> None:
    with pytest.raises(ValueError, match="no RDF"):
        rdf.root(rdf.parse(b"<a><b/></a>"))


def test_all_survives() -> None:
    packet = (
        b"<?xpacket begin='\xef\xbb\xbf' id='x'?>\n<!-- a -- comment of Bridge -->".replace(b"-- comment", b"comment")
        + b"<x:xmpmeta xmlns:x='adobe:ns:meta/' a='1&#xA;2&#x9;3&quot;'>\n "
        b"<b><![CDATA[<&]]></b> &amp; \xc3\xa9&#xD;\n<c/></x:xmpmeta>\n<?xpacket end='w'?>"
    )
    once = rdf.serialise(rdf.parse(packet), declare=False)
    assert b'a="1&#xA;2&#x9;3&quot;"' in once and b"<b>&lt;&amp;</b> &amp; \xc3\xa9&#xD;\n<c/>" in once
    assert once.startswith(b"<?xpacket begin='\xef\xbb\xbf' id='x'?>\n<!-- a") and once.rstrip().endswith(b"<?xpacket end='w'?>")
    assert rdf.serialise(rdf.parse(once), declare=False) == once


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding: str) -> None:
    document = rdf.parse("<a b='Zoë'/>".encode(encoding))
    assert document.documentElement is not None and document.documentElement.getAttribute("b") == "Zoë"


@given(st.binary(max_size=300))
def test_rubbish_is_refused_in_one_way(packet: bytes) -> None:
    with contextlib.suppress(ValueError):
        rdf.parse(b"<a>" + packet + b"</a>")
