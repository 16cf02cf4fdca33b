"""Camera raw files, decoded by the optional package rawpy (extra ``raw``)."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image

from facelib.errors import PhotoError
from facelib.photos.upright import UPRIGHT, upright_size

_ORIENTATIONS = {3: 3, 5: 8, 6: 6}
"""LibRaw's ``flip`` as EXIF orientation; any other value means that the picture is stored upright."""


@dataclass(frozen=True)
class RawShape:
    """Width and height of the upright photo in pixels, and the EXIF orientation of the stored one."""

    width: int
    height: int
    orientation: int


def read_raw_shape(file: BinaryIO) -> RawShape:
    """The shape of a raw file, from its header.

    Raises
    ------
    PhotoError
        ``unsupported`` without rawpy.
    Exception
        Whatever rawpy raises for a damaged file: see :func:`facelib.photos.image_file.decoding_error`.
    """
    with _opened(file) as (_, raw):
        return _shape(raw)


def decode_raw(file: BinaryIO, working_side: int, max_pixels: int) -> tuple[Image.Image, tuple[int, int]]:
    """Decode a raw file: the camera's own preview where it is large enough, else the sensor data at half size.

    The preview is what the photographer saw and costs a tenth of the time.

    Parameters
    ----------
    file : binary file
    working_side : int
        Pixels the long side should have at least.
    max_pixels : int
        Limit on the full size.

    Returns
    -------
    image : PIL.Image.Image
        Upright RGB, of at least half size unless the preview reaches ``working_side``.
    size : tuple of int
        Width and height of the upright photo at full size.

    Raises
    ------
    PhotoError
        ``unsupported`` without rawpy, ``too_large`` above ``max_pixels``.
    """
    with _opened(file) as (rawpy, raw):
        shape = _shape(raw)
        full = (shape.width, shape.height)
        if full[0] * full[1] > max_pixels:
            raise PhotoError("too_large", f"{full[0]} x {full[1]} pixels, more than the limit of {max_pixels}")
        preview = _preview(rawpy, raw)
        if preview is not None and max(preview.size) >= min(working_side, max(full)) and _same_shape(preview.size, raw.sizes):
            turn = UPRIGHT.get(shape.orientation)
            return (preview.transpose(turn) if turn is not None else preview), full
        pixels = raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
    return Image.fromarray(pixels), full


@contextmanager
def _opened(file: BinaryIO) -> Iterator[tuple[Any, Any]]:
    """The module rawpy, and the file opened by it."""
    try:
        rawpy: Any = importlib.import_module("rawpy")
    except ImportError as error:
        raise PhotoError("unsupported", "camera raw; install facelib with the extra 'raw' to read it") from error
    with rawpy.imread(file) as raw:
        yield rawpy, raw


def _shape(raw: Any) -> RawShape:
    orientation = _ORIENTATIONS.get(raw.sizes.flip, 1)
    return RawShape(*upright_size(raw.sizes.width, raw.sizes.height, orientation), orientation)


def _preview(rawpy: Any, raw: Any) -> Image.Image | None:
    try:
        thumb = raw.extract_thumb()
        if thumb.format != rawpy.ThumbFormat.JPEG:
            return None
        with Image.open(io.BytesIO(thumb.data), formats=["JPEG"]) as image:
            return image.convert("RGB")
    except Exception:  # whatever is wrong with the preview, the sensor data can still be decoded
        return None


def _same_shape(preview: tuple[int, int], sizes: Any) -> bool:
    # Some cameras crop the preview to another aspect ratio; boxes found in it would not fit the photo.
    return bool(abs(preview[0] / preview[1] - sizes.width / sizes.height) < 0.02)
