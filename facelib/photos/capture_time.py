"""When and where a photo was taken, as far as its metadata can be believed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from facelib.errors import PhotoError
from facelib.photos import exif, xmp
from facelib.photos.image_file import make_ready, open_image
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
    moment: datetime | None = None
    place: Place | None = None
    moment_from = place_from = None
    for source, found_moment, found_place in _sources(file, path):
        if moment is None and found_moment is not None:
            moment, moment_from = found_moment, source
        if place is None and found_place is not None:
            place, place_from = found_place, source
    return Capture(
        taken_at=None if moment is None else moment.isoformat(),
        seconds=None if moment is None else seconds_of(moment),
        latitude=None if place is None else place[0],
        longitude=None if place is None else place[1],
        source=moment_from or place_from,
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
    make_ready()
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
