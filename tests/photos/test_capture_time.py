"""Time and place come from the first metadata that can be believed, and broken metadata is none."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facelib.photos.capture_time import read_capture
from facelib.records import Capture

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
NAMES = 'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'


def packet(attributes: str = "", elements: str = "", head: str = "") -> str:
    body = f'<rdf:RDF {RDF}><rdf:Description rdf:about="" {NAMES} {attributes}>{elements}</rdf:Description></rdf:RDF>'
    return f'{head}<x:xmpmeta xmlns:x="adobe:ns:meta/">{body}</x:xmpmeta>'


def make_exif(times: dict[int, str] | None = None, gps: dict[int, object] | None = None) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0132] = "2023:03:03 03:03:03"
    exif.get_ifd(0x8769).update({0x9003: "2024:07:01 12:00:00"} if times is None else times)
    if gps:
        exif.get_ifd(0x8825).update(gps)
    return exif


def photo(path: Path, exif: Image.Exif | None = None, **options: object) -> Path:
    if path.suffix == ".heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    Image.new("RGB", (64, 48), "teal").save(path, **({"exif": exif.tobytes()} if exif else {}), **options)
    return path


BERLIN = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 0.0)}


@pytest.mark.parametrize("suffix", [".jpg", ".heic", ".avif", ".png", ".tif", ".webp"])
def test_exif_in_every_format(tmp_path: Path, suffix: str) -> None:
    times = {0x9003: "2024:07:01 12:00:00", 0x9004: "2001:01:01 01:01:01", 0x9011: "+02:00", 0x9291: "25"}
    capture = read_capture(photo(tmp_path / f"a{suffix}", make_exif(times, BERLIN)))
    assert capture.taken_at == "2024-07-01T12:00:00.250000+02:00"
    assert capture.seconds == 1719828000.25
    assert capture.latitude == pytest.approx(52.52) and capture.longitude == pytest.approx(13.4)
    assert capture.source == "exif"


@pytest.mark.parametrize("suffix", [".jpg", ".heic", ".avif", ".png", ".webp"])
def test_xmp_in_every_format(tmp_path: Path, suffix: str) -> None:
    text = packet('exif:DateTimeOriginal="2024-07-01T12:00:00+02:00" exif:GPSLatitude="33,51.5S" exif:GPSLongitude="151,12,30E"')
    path = tmp_path / f"a{suffix}"
    if suffix == ".png":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", text, zip=True)
        photo(path, pnginfo=info)
    else:
        photo(path, xmp=text.encode())
    capture = read_capture(path)
    assert (capture.taken_at, capture.source) == ("2024-07-01T12:00:00+02:00", "xmp")
    assert capture.latitude == pytest.approx(-33.858333) and capture.longitude == pytest.approx(151.208333)


def test_png_metadata_behind_the_pixels(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.png")
    content = path.read_bytes()
    block = make_exif().tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(block)) + b"eXIf" + block + struct.pack(">I", zlib.crc32(b"eXIf" + block))
    path.write_bytes(content[:-12] + chunk + content[-12:])
    assert read_capture(path).taken_at == "2024-07-01T12:00:00"


def test_time_without_offset_counts_as_utc(tmp_path: Path) -> None:
    capture = read_capture(photo(tmp_path / "a.jpg", make_exif()))
    assert (capture.taken_at, capture.seconds) == ("2024-07-01T12:00:00", 1719835200.0)


def test_the_gps_clock_gives_a_missing_offset(tmp_path: Path) -> None:
    gps = BERLIN | {7: (10.0, 0.0, 5.0), 29: "2024:07:01"}
    assert read_capture(photo(tmp_path / "a.jpg", make_exif(gps=gps))).taken_at == "2024-07-01T12:00:00+02:00"


def test_edit_date_and_file_time_are_no_capture_time(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", make_exif({}))
    os.utime(path, (1_600_000_000, 1_600_000_000))
    assert read_capture(path) == Capture()


def test_the_digitised_time_stands_in_for_a_broken_original(tmp_path: Path) -> None:
    exif = make_exif({0x9003: "0000:00:00 00:00:00", 0x9004: "1999:05:06 07:08:09"})
    assert read_capture(photo(tmp_path / "a.jpg", exif)).taken_at == "1999-05-06T07:08:09"


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
        {1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (13.0, 0.0, 0.0)},
        {2: (52.0, 0.0, 0.0), 4: (13.0, 0.0, 0.0)},
        {1: "N", 2: (52.0, 0.0, 0.0)},
        {1: "N", 2: (52.0, 0.0, 0.0), 3: "E", 4: (181.0, 0.0, 0.0)},
    ],
)
def test_absurd_places_are_none_and_leave_the_time(tmp_path: Path, gps: dict[int, object]) -> None:
    capture = read_capture(photo(tmp_path / "a.jpg", make_exif(gps=gps)))
    assert (capture.latitude, capture.longitude, capture.taken_at) == (None, None, "2024-07-01T12:00:00")


def test_rationals_over_zero_are_no_place(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", make_exif(gps=BERLIN | {7: (10.0, 0.0, 5.0), 29: "2024:07:01"}))
    content = path.read_bytes()
    for number in (52, 13, 10):
        assert struct.pack(">II", number, 1) in content or struct.pack("<II", number, 1) in content
        content = content.replace(struct.pack(">II", number, 1), bytes(8)).replace(struct.pack("<II", number, 1), bytes(8))
    path.write_bytes(content)
    assert read_capture(path) == Capture("2024-07-01T12:00:00", 1719835200.0, None, None, "exif")


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp", "a.jpg.XMP"])
def test_a_sidecar_fills_what_exif_lacks(tmp_path: Path, name: str) -> None:
    path = photo(tmp_path / "a.jpg", make_exif({}, BERLIN))
    (tmp_path / name).write_text(packet(elements="<photoshop:DateCreated>2010-05-04T03:02:01</photoshop:DateCreated>"))
    capture = read_capture(path)
    assert (capture.taken_at, capture.source) == ("2010-05-04T03:02:01", "xmp")
    assert capture.latitude == pytest.approx(52.52)


def test_exif_wins_over_xmp_and_the_packet_over_the_sidecar(tmp_path: Path) -> None:
    (tmp_path / "a.xmp").write_text(packet('xmp:CreateDate="2003-03-03T03:03:03"'))
    path = photo(tmp_path / "a.jpg", xmp=packet('xmp:CreateDate="2002-02-02T02:02:02"').encode())
    assert read_capture(path).taken_at == "2002-02-02T02:02:02"
    photo(path, make_exif(), xmp=packet('xmp:CreateDate="2002-02-02T02:02:02"').encode())
    assert read_capture(path).taken_at == "2024-07-01T12:00:00"


def test_a_sidecar_speaks_for_a_file_that_cannot_be_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.cr3").write_bytes(b"not decoded here")
    (tmp_path / "a.xmp").write_text(packet('exif:DateTimeOriginal="2010-05-04T03:02:01"'))
    assert read_capture(tmp_path / "a.cr3").taken_at == "2010-05-04T03:02:01"


def test_dates_of_ingredients_are_not_the_photo_s(tmp_path: Path) -> None:
    inner = f'<xmp:Ingredient><rdf:Description {NAMES} xmp:CreateDate="2001-01-01T01:01:01"/></xmp:Ingredient>'
    (tmp_path / "a.xmp").write_text(packet(elements=inner))
    assert read_capture(photo(tmp_path / "a.jpg")) == Capture()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_are_refused(tmp_path: Path, encoding: str) -> None:
    head = '<!DOCTYPE x [<!ENTITY a "2010-05-04T03:02:01">]>'
    text = packet(elements="<xmp:CreateDate>&a;</xmp:CreateDate>", head=head)
    (tmp_path / "a.xmp").write_bytes(text.encode(encoding))
    assert read_capture(photo(tmp_path / "a.jpg")) == Capture()
    # The same without the entity is read: it is the declaration that is refused, not the encoding.
    (tmp_path / "a.xmp").write_bytes(packet('xmp:CreateDate="2010-05-04T03:02:01"').encode(encoding))
    assert read_capture(tmp_path / "a.jpg").taken_at == "2010-05-04T03:02:01"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_anywhere_raises_nothing(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    suffix = data.draw(st.sampled_from([".jpg", ".tif", ".png", ".webp"]))
    buffer = io.BytesIO()
    exif = make_exif({0x9003: "2024:07:01 12:00:00", 0x9291: "1"}, BERLIN).tobytes()
    Image.new("RGB", (8, 8)).save(buffer, format={".jpg": "JPEG", ".tif": "TIFF", ".png": "PNG", ".webp": "WEBP"}[suffix], exif=exif)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damage") / f"a{suffix}"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert isinstance(read_capture(path), Capture)


def test_missing_files_and_folders_have_no_capture(tmp_path: Path) -> None:
    assert read_capture(tmp_path / "missing.jpg") == read_capture(tmp_path) == Capture()


def test_real_cameras(shared: Path) -> None:
    import zipfile

    with zipfile.ZipFile(shared / "data" / "odd-files.zip") as archive:
        names = {name.rsplit("/", 1)[-1]: name for name in archive.namelist()}
        scratch = Path(os.environ["XDG_DATA_HOME"])
        scratch.mkdir(parents=True)
        found = {}
        for name in ("Canon_40D.jpg", "metadata_extractor_heic_IMG_1034.heic", "long_description.jpg", "exif_gps_typeerror.jpg", "lab.tif"):
            (scratch / name).write_bytes(archive.read(names[name]))
            found[name] = read_capture(scratch / name)
    assert found["Canon_40D.jpg"].taken_at == "2008-05-30T15:56:01"
    assert found["metadata_extractor_heic_IMG_1034.heic"].taken_at == "2018-02-05T15:11:44.277000+08:00"
    assert found["metadata_extractor_heic_IMG_1034.heic"].latitude == pytest.approx(23.177917, abs=1e-5)
    assert found["long_description.jpg"].source == found["lab.tif"].source == "xmp"
