"""People read from XMP, in every spelling and from every sample."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from facelib.exchange.xmp_people import People, read_people

HEAD = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'"
    " xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#' xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#'"
    " xmlns:MP='http://ns.microsoft.com/photo/1.2/' xmlns:MPRI='http://ns.microsoft.com/photo/1.2/t/RegionInfo#'"
    " xmlns:MPReg='http://ns.microsoft.com/photo/1.2/t/Region#' xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'"
    " xmlns:digiKam='http://www.digikam.org/ns/1.0/' xmlns:lr='http://ns.adobe.com/lightroom/1.0/'><rdf:Description rdf:about=''>"
)


def people(body: str) -> People:
    return read_people(f"{HEAD}{body}</rdf:Description></rdf:RDF>".encode())


def regions(entries: str, size: str = "<mwg-rs:AppliedToDimensions stDim:w='400' stDim:h='200' stDim:unit='pixel'/>") -> People:
    return people(
        f"<mwg-rs:Regions rdf:parseType='Resource'>{size}"
        f"<mwg-rs:RegionList><rdf:Bag>{entries}</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )


AREA = "<mwg-rs:Area stArea:x='.5' stArea:y='.5' stArea:w='.2' stArea:h='.4' stArea:unit='normalized'/>"
FACE = "mwg-rs:Name='Ana' mwg-rs:Type='Face'"
SPELLINGS = {
    "resource": "<rdf:li rdf:parseType='Resource'><mwg-rs:Name>Ana</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>"
    "<mwg-rs:Area rdf:parseType='Resource'><stArea:x>.5</stArea:x><stArea:y>.5</stArea:y><stArea:w>.2</stArea:w><stArea:h>.4</stArea:h>"
    "</mwg-rs:Area></rdf:li>",
    "attributes": f"<rdf:li {FACE}>{AREA}</rdf:li>",
    "description": f"<rdf:li><rdf:Description {FACE}>{AREA}</rdf:Description></rdf:li>",
    "pixels": f"<rdf:li {FACE}><mwg-rs:Area stArea:x='200' stArea:y='100' stArea:w='80' stArea:h='80' stArea:unit='pixel'/></rdf:li>",
    "circle": f"<rdf:li {FACE}><mwg-rs:Area stArea:x='.5' stArea:y='.5' stArea:d='.4'/></rdf:li>",
    "value": f"<rdf:li mwg-rs:Type='Face'><mwg-rs:Name><rdf:Description rdf:value='Ana'/></mwg-rs:Name>{AREA}</rdf:li>",
    "no type": f"<rdf:li mwg-rs:Name='Ana'>{AREA}</rdf:li>",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_rdf(spelling: str) -> None:
    (file_region,) = regions(SPELLINGS[spelling]).file_regions
    assert (file_region.name, file_region.kind, file_region.applied) == ("Ana", "face", (400, 200))
    assert file_region.area == pytest.approx((0.4, 0.3, 0.6, 0.7))


@pytest.mark.parametrize(
    "entry",
    [
        f"<rdf:li mwg-rs:Name='Rex' mwg-rs:Type='Pet'>{AREA}</rdf:li>",
        f"<rdf:li {FACE}><mwg-rs:Area stArea:x='.5' stArea:y='.5'/></rdf:li>",
        f"<rdf:li {FACE}><mwg-rs:Area stArea:x='8' stArea:y='0' stArea:w='8' stArea:h='8'/></rdf:li>",
        f"<rdf:li {FACE}><mwg-rs:Area stArea:x='a' stArea:y='nan' stArea:w='.2' stArea:h='.4'/></rdf:li>",
        f"<rdf:li {FACE} mwg-rs:Area='1'/>",
        "<rdf:li>Ana</rdf:li>",
    ],
)
def test_what_is_no_face_is_left_out(entry: str) -> None:
    assert regions(entry) == People()


def test_a_size_that_is_missing() -> None:
    (file_region,) = regions(SPELLINGS["attributes"], "").file_regions
    assert file_region.applied is None
    assert regions(SPELLINGS["pixels"], "") == People()
    assert regions(SPELLINGS["attributes"], "<mwg-rs:AppliedToDimensions stDim:w='0' stDim:h='-1'/>").file_regions[0].applied is None


def test_a_face_in_two_lists_counts_once() -> None:
    found = people(
        "<mwg-rs:Regions><mwg-rs:RegionList><rdf:Bag>" + SPELLINGS["attributes"] + "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
        "<MP:RegionInfo rdf:parseType='Resource'><MPRI:Regions><rdf:Bag>"
        "<rdf:li MPReg:PersonDisplayName='Anna' MPReg:Rectangle='0.4, 0.3, 0.2, 0.4'/>"
        "<rdf:li MPReg:PersonDisplayName='Ben' MPReg:Rectangle='0.0, 0.0, 0.2, 0.2'/>"
        "<rdf:li MPReg:PersonDisplayName='Cem' MPReg:Rectangle='0.0, 0.0'/></rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )
    assert [(region.name, region.source) for region in found.file_regions] == [("Ana", "mwg"), ("Ben", "microsoft")]


def test_names_without_a_place() -> None:
    found = people(
        "<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>Ana</rdf:li><rdf:li>ANA</rdf:li><rdf:li> </rdf:li></rdf:Bag>"
        "</Iptc4xmpExt:PersonInImage>"
        "<digiKam:TagsList><rdf:Seq><rdf:li>People/Family/Ben</rdf:li><rdf:li>Places/Rome</rdf:li><rdf:li>People</rdf:li></rdf:Seq>"
        "</digiKam:TagsList>"
        "<lr:hierarchicalSubject><rdf:Bag><rdf:li>people|Cem</rdf:li></rdf:Bag></lr:hierarchicalSubject>"
    )
    assert found == People(names=("Ana", "Ben", "Cem"))


def test_iptc_regions() -> None:
    values = {"rbShape": "rectangle", "rbUnit": "relative", "rbX": 0.1, "rbY": 0.2, "rbW": 0.3, "rbH": 0.4}
    attributes = " ".join(f"Iptc4xmpExt:{key}='{value}'" for key, value in values.items())
    boundary = f"<Iptc4xmpExt:RegionBoundary {attributes}/>"
    found = people(
        f"<Iptc4xmpExt:ImageRegion><rdf:Bag><rdf:li rdf:parseType='Resource'>{boundary}"
        "<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>Ana</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage></rdf:li></rdf:Bag></Iptc4xmpExt:ImageRegion>"
    )
    (file_region,) = found.file_regions
    assert (file_region.name, file_region.source) == ("Ana", "iptc") and file_region.area == pytest.approx((0.1, 0.2, 0.4, 0.6))


def test_real_samples(shared: Path) -> None:
    with zipfile.ZipFile(shared / "data" / "sidecars.zip") as archive:
        packets = {name: archive.read(name) for name in archive.namelist() if name.endswith(".xmp")}
    found, refused = {}, {}
    for name, packet in packets.items():
        try:
            found[Path(name).name] = read_people(packet)
        except ValueError as error:
            refused[name] = str(error)
    assert len(packets) == 52 and list(refused) == ["exiftool/XMP2.xmp"]
    marks = {name: [region.name for region in each.file_regions] for name, each in found.items() if each.file_regions}
    assert len(marks) == 17
    assert marks["flatxmp.xmp"] == ["Person1", "Person2"]
    assert marks["Chars.jpg.xmp"] == ["æÆøØåÅéÉüÜäÄöÖïÏñÑ", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"]
    assert found["15uNd7%8RguTEgNPKHfTWw.xmp"].names == ()
