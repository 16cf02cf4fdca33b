"""Sidecars: which one, written as a whole, and packets inside photos."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from facelib.errors import InputError
from facelib.exchange.orientation import Frame
from facelib.exchange.regions import Region
from facelib.exchange.sidecar import embedded_packet, existing_sidecars, photos_of_sidecar, read_small_file, sidecar_path, write_sidecar
from facelib.exchange.xmp_people import read_people
from facelib.exchange.xmp_update import update_people
from tests.foreign import save_photo

PACKET = update_people(None, [Region("Zoë", (10, 10, 30, 30))], Frame(64, 48)) or b""


def test_which_sidecar(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.touch()
    assert existing_sidecars(photo) == [] and sidecar_path(photo) == tmp_path / "a.jpg.xmp"
    (tmp_path / "a.xmp").touch()
    assert existing_sidecars(photo) == [tmp_path / "a.xmp"] and list(photos_of_sidecar(tmp_path / "a.xmp")) == [photo]
    (tmp_path / "a.jpg.xmp").touch()
    assert existing_sidecars(photo) == [tmp_path / "a.jpg.xmp", tmp_path / "a.xmp"] and sidecar_path(photo) == tmp_path / "a.jpg.xmp"
    assert list(photos_of_sidecar(tmp_path / "a.jpg.xmp")) == [photo]


def test_the_sidecar_of_a_raw_file_is_not_that_of_the_jpeg_beside_it(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.cr2", "a.xmp", "b.jpg", "b.png", "b.xmp"):
        (tmp_path / name).touch()
    assert existing_sidecars(tmp_path / "a.jpg") == [] and existing_sidecars(tmp_path / "a.cr2") == [tmp_path / "a.xmp"]
    assert existing_sidecars(tmp_path / "b.jpg") == existing_sidecars(tmp_path / "b.png") == []
    assert list(photos_of_sidecar(tmp_path / "a.xmp")) == [tmp_path / "a.cr2"] and list(photos_of_sidecar(tmp_path / "b.xmp")) == []
    assert list(photos_of_sidecar(tmp_path / "gone.jpg.xmp")) == []


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "heic", "avif"])
def test_packets_inside_photos(tmp_path: Path, suffix: str) -> None:
    import pillow_heif
    from PIL import Image, PngImagePlugin, TiffImagePlugin

    pillow_heif.register_heif_opener()
    path = tmp_path / f"a.{suffix}"
    if suffix == "png":
        information = PngImagePlugin.PngInfo()
        information.add_itxt("XML:com.adobe.xmp", PACKET.decode())
        Image.new("RGB", (64, 48)).save(path, pnginfo=information)
    elif suffix == "tif":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[700], tags.tagtype[700] = PACKET, 1
        Image.new("RGB", (64, 48)).save(path, tiffinfo=tags)
    else:
        Image.new("RGB", (64, 48)).save(path, xmp=PACKET)
    packet = embedded_packet(path)
    assert packet is not None and [region.name for region in read_people(packet).file_regions] == ["Zoë"]


def test_no_packet(tmp_path: Path) -> None:
    save_photo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff rubbish")
    assert embedded_packet(tmp_path / "a.jpg") is embedded_packet(tmp_path / "b.jpg") is embedded_packet(tmp_path / "c.jpg") is None


def test_permissions_follow_the_photo_or_the_old_sidecar(tmp_path: Path) -> None:
    photo, sidecar = tmp_path / "a.jpg", tmp_path / "a.jpg.xmp"
    photo.touch()
    photo.chmod(0o750)
    write_sidecar(sidecar, photo, b"one", None)
    assert sidecar.read_bytes() == b"one" and stat.S_IMODE(sidecar.stat().st_mode) == 0o640
    sidecar.chmod(0o604)
    write_sidecar(sidecar, photo, b"two", b"one")
    assert sidecar.read_bytes() == b"two" and stat.S_IMODE(sidecar.stat().st_mode) == 0o604
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jpg", "a.jpg.xmp"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.xmp").write_bytes(b"one")
    (tmp_path / "a.jpg.xmp").symlink_to("real.xmp")
    write_sidecar(tmp_path / "a.jpg.xmp", tmp_path / "a.jpg", b"two", b"one")
    assert (tmp_path / "a.jpg.xmp").is_symlink() and (tmp_path / "real.xmp").read_bytes() == b"two"


def test_nothing_is_written_over_what_another_program_wrote(tmp_path: Path) -> None:
    photo, sidecar = tmp_path / "a.jpg", tmp_path / "a.jpg.xmp"
    photo.touch()
    sidecar.write_bytes(b"theirs")
    for expected in (None, b"older"):
        with pytest.raises(InputError, match="another program"):
            write_sidecar(sidecar, photo, b"ours", expected)
    assert sidecar.read_bytes() == b"theirs" and len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_sidecar(tmp_path / "gone" / "a.xmp", tmp_path / "gone" / "a", b"ours", None)


def test_reading_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a file"):
        read_small_file(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_small_file(tmp_path / "gone")
    with open(tmp_path / "long", "wb") as file:
        os.truncate(file.fileno(), 17 << 20)
    with pytest.raises(InputError, match="too long"):
        read_small_file(tmp_path / "long")
