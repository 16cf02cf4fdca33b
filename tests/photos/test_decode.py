"""Decoding: every format upright and in sRGB, at a bounded size; whatever a file holds, it is a picture or an error of that photo."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from facelib.errors import PhotoError
from facelib.photos import image_file
from facelib.photos.decode import decode
from facelib.records import Picture

# pytest puts the warning filters back for every test, and decoding sets them once for the process.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

LIMIT = 50_000_000


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """A smooth picture that differs from all its turns and mirror images; JPEG keeps it within a few grey levels."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return Image.fromarray(np.uint8(np.stack([255 * x, 255 * y, 255 * (1 - x) * (1 - y)], -1)))


def same(picture: Picture, image: Image.Image, tolerance: float = 6) -> bool:
    difference = np.abs(picture.pixels.astype(int) - np.asarray(image.convert("RGB")).astype(int))
    return float(np.percentile(difference, 99)) <= tolerance


PHOTO_ERROR_KINDS = {"missing", "permission", "unreadable", "unsupported", "too_large", "timeout", "crashed", "memory", "bug"}


def fault(path: Path, max_pixels: int = LIMIT) -> str:
    with pytest.raises(PhotoError) as caught:
        decode(path, 1280, max_pixels)
    assert caught.value.kind in PHOTO_ERROR_KINDS and caught.value.detail
    return caught.value.kind


INVERSE = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""For each EXIF orientation the PIL transpose that turns upright pixels into stored ones."""


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png", ".webp", ".heic", ".avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_decode_to_the_same_upright_pixels(tmp_path: Path, suffix: str, orientation: int) -> None:
    image_file.register_formats()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = scene() if orientation == 1 else scene().transpose(Image.Transpose(INVERSE[orientation]))
    path = tmp_path / f"a{suffix}"
    stored.save(path, exif=exif.tobytes(), quality=95)
    picture = decode(path, 1280, LIMIT)
    assert (picture.width, picture.height) == (96, 64)
    assert picture.pixels.shape == (64, 96, 3)
    assert same(picture, scene())


@pytest.mark.parametrize("orientation", [0, 9, 60000])
def test_orientations_that_do_not_exist_are_ignored(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    scene().save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert same(decode(tmp_path / "a.jpg", 1280, LIMIT), scene())


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.integers(16, 200), st.sampled_from([".jpg", ".png", ".gif"]), st.sampled_from([1, 6]))
def test_reduced_scale(tmp_path_factory: pytest.TempPathFactory, width: int, height: int, side: int, suffix: str, orientation: int) -> None:
    path = tmp_path_factory.mktemp("scale") / f"a{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    scene(width, height).save(path, **({} if suffix == ".gif" else {"exif": exif}))
    picture = decode(path, side, LIMIT)
    turned = orientation == 6 and suffix != ".gif"
    assert (picture.width, picture.height) == ((height, width) if turned else (width, height))
    decoded = max(picture.pixels.shape[:2])
    assert decoded >= min(side, max(width, height))
    # libjpeg stops at an eighth, and does not reduce what is a pixel or two high.
    assert decoded <= 2 * side or suffix == ".jpg"
    assert picture.pixels.flags.c_contiguous and picture.pixels.dtype == np.uint8 and picture.pixels.shape[2] == 3


@pytest.mark.parametrize("mode", ["1", "P", "I;16", "RGBA", "CMYK", "L"])
def test_large_pictures_of_every_mode_are_reduced_like_small_ones(tmp_path: Path, mode: str) -> None:
    large = scene(2600, 1690).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        large = Image.fromarray(np.asarray(large).astype(np.uint16) * 257)
    large.save(tmp_path / "a.tif")
    small = decode(tmp_path / "a.tif", 100, LIMIT)
    assert 100 <= max(small.pixels.shape[:2]) <= 200
    assert (small.width, small.height) == (2600, 1690)
    whole = decode(tmp_path / "a.tif", 2600, LIMIT)
    shrunk = Image.fromarray(whole.pixels).resize(small.pixels.shape[1::-1], Image.Resampling.BOX)
    assert same(small, shrunk, tolerance=3)


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(8, 0)
    for values in (ramp, ramp // 16):  # the second as cameras store 12 bits
        Image.fromarray(values).save(tmp_path / "a.png")
        pixels = decode(tmp_path / "a.png", 1280, LIMIT).pixels
        assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1
        assert (pixels[..., 0] == pixels[..., 2]).all()


def test_floating_point(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 256, dtype=np.float32)[None].repeat(8, 0)
    for factor in (1.0, 255.0, 1000.0):
        scaled = values * np.float32(factor)
        if factor == 1000.0:
            scaled[1] = np.nan
        Image.fromarray(scaled).save(tmp_path / "a.tif")
        pixels = decode(tmp_path / "a.tif", 1280, LIMIT).pixels
        assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1 or factor == 1000.0
        assert pixels[0, 0, 0] == 0
        assert pixels[0, -1, 0] >= 250 if factor != 1000.0 else pixels[0, -1, 0] > 0


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_transparent_parts_are_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 10, 10))
    path = tmp_path / ("a.gif" if mode in ("PA", "P") else "a.png")
    (image if mode in ("PA", "P") else image.convert(mode)).save(path)
    pixels = decode(path, 1280, LIMIT).pixels
    assert (pixels[:, 12:] == 255).all()
    assert pixels[5, 5, 1] < 100


def test_a_key_colour_is_transparent(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (10, 20, 30)).save(tmp_path / "a.png", transparency=(10, 20, 30))
    assert (decode(tmp_path / "a.png", 1280, LIMIT).pixels == 255).all()


def test_the_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    for suffix in (".gif", ".png", ".webp", ".tif"):
        frames[0].save(
            tmp_path / f"a{suffix}", save_all=True, append_images=frames[1:], **({"lossless": True} if suffix == ".webp" else {})
        )
        assert decode(tmp_path / f"a{suffix}", 1280, LIMIT).pixels[8, 8].tolist() == [255, 0, 0], suffix


def test_cmyk_jpeg(tmp_path: Path) -> None:
    scene().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert same(decode(tmp_path / "a.jpg", 1280, LIMIT), scene())


def test_profiles_are_converted_and_broken_ones_ignored(tmp_path: Path) -> None:
    colour = (200, 100, 50)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (b"no profile", lab, srgb):
        Image.new("RGB", (8, 8), colour).save(tmp_path / "a.png", icc_profile=profile)
        assert decode(tmp_path / "a.png", 1280, LIMIT).pixels[4, 4].tolist() == list(colour)
    # The same profile with red and green primaries exchanged, under another name: red must come out green.
    swapped = bytearray(srgb.replace("sRGB".encode("utf-16-be"), "other"[:4].encode("utf-16-be")).replace(b"sRGB", b"othe"))
    swapped[36:40] = b"acsp"
    count = struct.unpack_from(">I", swapped, 128)[0]
    entries = {bytes(swapped[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    swapped[red + 4 : red + 12], swapped[green + 4 : green + 12] = swapped[green + 4 : green + 12], swapped[red + 4 : red + 12]
    Image.new("RGB", (8, 8), colour).save(tmp_path / "a.png", icc_profile=bytes(swapped))
    out = decode(tmp_path / "a.png", 1280, LIMIT).pixels[4, 4].astype(int)
    assert np.abs(out - [100, 200, 50]).max() <= 2


def test_tiny_and_thin_pictures_are_valid(tmp_path: Path) -> None:
    for size in ((1, 1), (3, 5), (20_000, 1), (1, 20_000)):
        for suffix in (".jpg", ".png"):
            Image.new("RGB", size, "navy").save(tmp_path / f"a{suffix}")
            picture = decode(tmp_path / f"a{suffix}", 1280, LIMIT)
            assert (picture.width, picture.height) == size


def test_too_many_pixels_are_refused_before_decoding(tmp_path: Path) -> None:
    scene().save(tmp_path / "a.jpg")
    assert fault(tmp_path / "a.jpg", max_pixels=96 * 64 - 1) == "too_large"
    assert decode(tmp_path / "a.jpg", 1280, 96 * 64).width == 96
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    content = b"".join(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    assert fault(tmp_path / "bomb.png") == "too_large"


def test_the_limit_may_exceed_pillow_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    scene().save(tmp_path / "a.jpg")
    scene().save(tmp_path / "a.png")
    assert decode(tmp_path / "a.jpg", 32, LIMIT).width == decode(tmp_path / "a.png", 32, LIMIT).width == 96
    assert Image.MAX_IMAGE_PIXELS == 100


def test_every_fault_has_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene(640, 480).save(tmp_path / "a.jpg")
    content = (tmp_path / "a.jpg").read_bytes()
    expected = {
        "empty.jpg": (b"", "unreadable"),
        "text.jpg": (b"this is no picture at all", "unreadable"),
        "truncated.jpg": (content[: len(content) // 2], "unreadable"),
        "headless.jpg": (content[:30], "unreadable"),
        "drawing.png": (b"%PDF-1.7 " + bytes(20), "unsupported"),
        "modern.jpg": (b"\x00\x00\x00\x0cJXL \r\n\x87\n" + bytes(20), "unsupported"),
        "film.heic": (b"\x00\x00\x00\x14ftypqt  " + bytes(20), "unsupported"),
    }
    for name, (data, kind) in expected.items():
        (tmp_path / name).write_bytes(data)
        assert fault(tmp_path / name) == kind, name
    assert fault(tmp_path / "missing.jpg") == "missing"
    assert fault(tmp_path) == "unreadable"
    os.mkfifo(tmp_path / "pipe.jpg")
    assert fault(tmp_path / "pipe.jpg") == "unreadable"

    def out_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("facelib.photos.decode.to_srgb", out_of_memory)
    assert fault(tmp_path / "a.jpg") == "memory"


def test_the_suffix_may_lie(tmp_path: Path) -> None:
    scene().save(tmp_path / "a.png")
    os.rename(tmp_path / "a.png", tmp_path / "a.jpg")
    assert same(decode(tmp_path / "a.jpg", 1280, LIMIT), scene())


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_damage_anywhere_is_a_fault_or_a_picture(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    name = data.draw(st.sampled_from(["JPEG", "PNG", "TIFF", "GIF", "WEBP", "AVIF", "HEIF", "BMP"]))
    image_file.register_formats()
    buffer = io.BytesIO()
    scene(24, 16).save(buffer, format=name, **({"compression": "tiff_lzw"} if name == "TIFF" else {}))
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damage") / "a.jpg"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        picture = decode(path, 1280, 1_000_000)
    except PhotoError as error:
        assert error.kind in PHOTO_ERROR_KINDS
    else:
        assert picture.width * picture.height <= 1_000_000


def test_threads_decode_side_by_side(tmp_path: Path) -> None:
    image_file.register_formats()
    path = tmp_path / "a.heic"
    scene(400, 300).save(path)
    pictures: list[Picture] = []
    threads = [threading.Thread(target=lambda: pictures.append(decode(path, 100, LIMIT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pictures) == 8 and all((picture.pixels == pictures[0].pixels).all() for picture in pictures)


def members(shared: Path, wanted: str) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(shared / "data" / "odd-files.zip") as archive:
        return [(name, archive.read(name)) for name in sorted(archive.namelist()) if wanted in name and not name.endswith("/")]


@pytest.mark.parametrize("series", ["Landscape", "Portrait", "hopper_orientation", "rot"])
def test_real_orientation_series_agree(shared: Path, tmp_path: Path, series: str) -> None:
    suffixes = (".jpg", ".avif", ".webp")
    pictures: dict[str, list[Picture]] = {}
    for name, content in members(shared, series):
        base = name.rsplit("/", 1)[-1]
        if not base.startswith(series) or not base.endswith(suffixes):
            continue
        (tmp_path / base).write_bytes(content)
        pictures.setdefault(Path(base).suffix, []).append(decode(tmp_path / base, 400, LIMIT))
    assert sum(len(group) for group in pictures.values()) >= 6
    for group in pictures.values():
        for picture in group:
            assert (picture.width, picture.height) == (group[0].width, group[0].height)
            # The pictures of a series differ by the words on them, so: nearer to the first one as they are than mirrored or turned.
            first = group[0].pixels.astype(int)
            turns = (picture.pixels, picture.pixels[::-1], picture.pixels[:, ::-1], picture.pixels[::-1, ::-1])
            distances = [np.abs(first - turned).mean() for turned in turns]
            assert distances[0] < 0.5 * min(distances[1:])


@pytest.mark.slow
def test_eight_hundred_odd_files_end_as_pictures_or_faults_and_in_silence(shared: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shared / "data" / "odd-files.zip") as archive:
        archive.extractall(tmp_path)
    program = """
import sys, collections
from pathlib import Path
from facelib.errors import PhotoError
from facelib.photos.capture_time import read_capture
from facelib.photos.decode import decode
counts = collections.Counter()
for path in sorted(Path(sys.argv[1]).rglob("*")):
    if path.is_file():
        read_capture(path)
        try:
            picture = decode(path, 1280, 200_000_000)
            assert picture.pixels.ndim == 3 and max(picture.pixels.shape) <= 2560, path
            counts["decoded"] += 1
        except PhotoError as error:
            counts[error.kind] += 1
print(*(counts[kind] for kind in ("decoded", "unreadable", "unsupported", "too_large")), counts.total())
"""
    package = Path(image_file.__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(package)}
    result = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, env=environment, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    decoded, unreadable, unsupported, too_large, total = map(int, result.stdout.split())
    assert decoded + unreadable + unsupported + too_large == total
    assert decoded >= 0.92 * total and unreadable and unsupported and too_large
