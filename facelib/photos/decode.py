"""From a photo's file to upright RGB pixels."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageFile

from facelib.errors import PhotoError
from facelib.photos.colour import is_plain, to_plain, to_srgb, value_range
from facelib.photos.image_file import decoding_error, open_image
from facelib.photos.photo_file import open_photo
from facelib.photos.raw import decode_raw
from facelib.photos.suffixes import RAW_FORMAT_SUFFIXES
from facelib.photos.upright import UPRIGHT, upright_size
from facelib.records import Picture

_STRIP_PIXELS = 1 << 22
# Pillow weighs colours by opacity when it averages, in a second copy of the whole picture.
_COPIED_BY_REDUCE = ("LA", "RGBA")


def decode(path: Path, working_side: int, max_pixels: int) -> Picture:
    """Decode a photo: upright, sRGB, 8 bits, first frame, transparent parts on white.

    A photo whose long side exceeds ``working_side`` comes smaller: JPEG at the least of 1/1, 1/2, 1/4, 1/8 that leaves the long side
    at ``working_side`` or more (libjpeg skips the work for the rest), other formats averaged down, so that the long side lies between
    ``working_side`` and twice that. It is not reduced further: crops of faces profit from the detail.

    Parameters
    ----------
    path : Path
    working_side : int
        Pixels.
    max_pixels : int
        Greatest width times height, read from the header before anything is decoded.

    Returns
    -------
    Picture

    Raises
    ------
    PhotoError
        And nothing else, whatever the file holds. A truncated photo is ``unreadable``.
    """
    with open_photo(path) as file:
        return decode_file(file, path, working_side, max_pixels)


def decode_file(file: BinaryIO, path: Path, working_side: int, max_pixels: int) -> Picture:
    """Decode the photo in an open file, as :func:`decode` does; ``path`` is used for its suffix only."""
    try:
        file.seek(0)
        if path.suffix.lower() in RAW_FORMAT_SUFFIXES:
            image, (width, height) = decode_raw(file, working_side, max_pixels)
        else:
            image, (width, height) = _decode(file, path, working_side, max_pixels)
        pixels = np.array(image)
    except Exception as error:  # decoders of damaged files raise nearly every type there is
        raise decoding_error(error) from error
    return Picture(pixels, width, height)


def _decode(file: BinaryIO, path: Path, working_side: int, max_pixels: int) -> tuple[Image.Image, tuple[int, int]]:
    with open_image(file, path) as source:
        full = source.size
        if full[0] < 1 or full[1] < 1:
            raise PhotoError("unreadable", "a picture without pixels")
        if full[0] * full[1] > max_pixels:
            raise PhotoError("too_large", f"{full[0]} x {full[1]} pixels, more than the limit of {max_pixels}")
        drafted = source.format in ("JPEG", "MPO")
        if drafted:
            long_side = max(full)
            source.draft(None, (max(1, full[0] * working_side // long_side), max(1, full[1] * working_side // long_side)))
        source.load()
        if not drafted:
            # TIFF is turned upright by Pillow while loading; icons turn out to be of the size of their largest frame.
            full = source.size
        profile = source.info.get("icc_profile")
        orientation = _orientation(source)
        image = to_srgb(_reduced(source, working_side), profile)
    if orientation in UPRIGHT:
        image = image.transpose(UPRIGHT[orientation])
    return image, upright_size(*full, orientation)


def _orientation(source: ImageFile.ImageFile) -> int:
    try:
        return int(source.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF must not cost the photo
        return 1


def _reduced(source: Image.Image, working_side: int) -> Image.Image:
    """The picture in a plain mode, averaged down to at most twice ``working_side``."""
    factor = -(-max(source.size) // (2 * working_side))
    if is_plain(source) and (factor <= 1 or source.mode not in _COPIED_BY_REDUCE):
        return source.reduce(factor) if factor > 1 else source
    extent = value_range(source)
    if factor <= 1:
        return to_plain(source, extent)
    # Strip by strip: the whole picture with four bytes a pixel may not fit in memory.
    width, height = source.size
    rows = max(1, _STRIP_PIXELS // (width * factor)) * factor
    reduced = None
    for top in range(0, height, rows):
        strip = to_plain(source.crop((0, top, width, min(top + rows, height))), extent).reduce(factor)
        if reduced is None:
            reduced = Image.new(strip.mode, (strip.width, -(-height // factor)))
        reduced.paste(strip, (0, top // factor))
    if reduced is None:
        raise PhotoError("unreadable", "a picture without pixels")
    return reduced
