"""When and where a photo was taken, as far as its metadata can be believed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from facelib.errors import PhotoError
from facelib.photos import exif, xmp
from facelib.photos.image_file import open_image, register_formats
from facelib.photos.photo_file import open_photo
from facelib.photos.place import Place
from facelib.photos.png_metadata import SIGNATURE, read_png_metadata
from facelib.photos.timestamp import seconds_of
from facelib.records import Capture

_Source = tuple[str, datetime | None, Place | None]


def read_capture(path: Path) -> Capture:
    """Read when and where a photo was taken.

    EXIF first, then the XMP packet in the file, then the XMP file beside it; time and place each from the first that has it. The file's
    own times are never used: copying and syncing change them.

    Parameters
    ----------
    path : Path
        A photo of any format, or a file that cannot be decoded but has a sidecar.

    Returns
    -------
    Capture
        ``source`` says where the time comes from or, without a time, the place. Nothing is ever raised: broken metadata is none.
    """
    try:
        with open_photo(path) as file:
            return capture_of(file, path)
    except PhotoError:  # the XMP file beside it may still be readable
        return capture_of(None, path)


def capture_of(file: BinaryIO | None, path: Path) -> Capture:
    """When and where the photo in an open file was taken, as :func:`read_capture` says; ``path`` leads to the XMP file beside it."""
    timestamp: datetime | None = None
    place: Place | None = None
    time_source = place_source = None
    for source, source_time, source_place in _sources(file, path):
        if timestamp is None and source_time is not None:
            timestamp, time_source = source_time, source
        if place is None and source_place is not None:
            place, place_source = source_place, source
    return Capture(
        taken_at=None if timestamp is None else timestamp.isoformat(),
        seconds=None if timestamp is None else seconds_of(timestamp),
        latitude=None if place is None else place[0],
        longitude=None if place is None else place[1],
        source=time_source or place_source,
    )


def _sources(file: BinaryIO | None, path: Path) -> list[_Source]:
    sources: list[_Source] = []
    packets: list[bytes | None] = []
    try:
        if file is not None:
            _read_embedded(file, path, sources, packets)
    except Exception:  # damaged files raise nearly every type there is, and a photo without a time is still a photo
        pass
    packets.append(xmp.read_sidecar(path))
    for packet in packets:
        try:
            if packet:
                sources.append(("xmp", *xmp.time_and_place(packet)))
        except ValueError:  # no XMP after all, or none that is safe to read
            continue
    return sources


def _read_embedded(file: BinaryIO, path: Path, sources: list[_Source], packets: list[bytes | None]) -> None:
    register_formats()
    file.seek(0)
    signature = file.read(len(SIGNATURE))
    if signature == SIGNATURE:
        block, packet = read_png_metadata(file)
        packets.append(packet)
        if block:
            tags = Image.Exif()
            tags.load(block)
            sources.append(("exif", *exif.time_and_place(tags)))
        return
    with open_image(file, path) as image:
        found = image.info.get("xmp")
        packets.append(found.encode() if isinstance(found, str) else found)
        # While the file is open: TIFF's directories are read from it when asked for.
        sources.append(("exif", *exif.time_and_place(image.getexif())))
