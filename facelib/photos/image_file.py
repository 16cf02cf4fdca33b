"""Opening a picture file: format, size and metadata, no pixels yet."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import logging
import struct
import threading
import warnings
import zlib
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile

from facelib.errors import PhotoError
from facelib.photos.suffixes import RAW_FORMAT_SUFFIXES

_PLUGINS = "Jpeg Mpo Png WebP Gif Tiff Bmp Avif Ico Jpeg2K Ppm Psd Tga".split()
# HEIF before AVIF would let libheif take AVIF files, which Pillow decodes faster.
_FORMATS = "JPEG PNG WEBP GIF TIFF BMP AVIF HEIF ICO JPEG2000 PPM PSD".split()

_OTHER_FORMATS = (
    (b"%!PS", "PostScript"), (b"\xc5\xd0\xd3\xc6", "PostScript"), (b"%PDF", "PDF"), (b"<svg", "SVG"), (b"<?xml", "XML or SVG"),
    (b"\xff\x0a", "JPEG XL"), (b"\x00\x00\x00\x0cJXL ", "JPEG XL"), (b"DDS ", "DDS"), (b"BLP", "BLP"), (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"\xd7\xcd\xc6\x9a", "Windows metafile"), (b"\x76\x2f\x31\x01", "OpenEXR"), (b"gimp xcf", "GIMP"), (b"FOVb", "Foveon raw"),
    (b"FUJIFILM", "Fuji raw"), (b"IIRO", "Olympus raw"), (b"IIU\0", "Panasonic raw"),
)  # fmt: skip
_VIDEO_BRANDS = (b"qt  ", b"isom", b"iso2", b"mp41", b"mp42", b"M4V ", b"3gp", b"crx ")

_lock = threading.Lock()
_ready = False


def register_formats() -> None:
    """Register the formats, once for the process, when the first picture is opened."""
    global _ready
    with _lock:
        if _ready:
            return
        for plugin in _PLUGINS:
            importlib.import_module(f"PIL.{plugin}ImagePlugin")
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
        # What Pillow warns of (odd metadata, trailing bytes) is nothing the user can act on, and would break progress bars and --json.
        warnings.filterwarnings("ignore", module=r"(PIL|pillow_heif)(\.|$)")
        logging.getLogger("PIL").addHandler(logging.NullHandler())
        _silence_libtiff()
        _ready = True


def _silence_libtiff() -> None:
    # libtiff writes to the process's stderr itself. Its functions are found through Pillow's module, of which it is a dependency; where
    # it is linked in without names (some platforms), it keeps writing.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(importlib.import_module("PIL._imaging").__file__)
        for setter in (library.TIFFSetErrorHandler, library.TIFFSetWarningHandler):
            setter.argtypes = [ctypes.c_void_p]
            setter.restype = ctypes.c_void_p
            setter(None)


def open_image(file: BinaryIO, path: Path) -> ImageFile.ImageFile:
    """Recognise a picture by its first bytes and read its header.

    Pillow's own ``Image.open`` is not used because its pixel limit is a global of the process and because it would try every format
    it knows, Ghostscript included.

    Parameters
    ----------
    file : binary file
        Stays open as long as the picture is used.
    path : Path
        For its suffix only: Targa files have no signature. Pillow does not get it: it would map uncompressed pixels into memory
        from the file that the path leads to by then, which may be another one.

    Returns
    -------
    ImageFile
        Not loaded; JPEG with several pictures (MPO) at its first.

    Raises
    ------
    PhotoError
        ``unsupported`` for a format that is known but not decoded, ``unreadable`` otherwise.
    Exception
        Whatever Pillow raises for a damaged header: see :func:`decoding_error`.
    """
    register_formats()
    suffix = path.suffix.lower()
    file.seek(0)
    prefix = file.read(16)
    if not prefix:
        raise PhotoError("unreadable", "the file is empty")
    refusal = None
    for name in [*_FORMATS, "TGA"] if suffix == ".tga" else _FORMATS:
        factory, accept = Image.OPEN[name]
        accepted = accept(prefix) if accept else True
        if isinstance(accepted, str):
            refusal = PhotoError("unsupported", accepted)
        elif accepted:
            file.seek(0)
            try:
                return factory(file, "")
            except (SyntaxError, IndexError, TypeError, struct.error) as error:
                # What a Pillow plugin raises when the file is not its own after all, or broken.
                refusal = PhotoError("unreadable", f"damaged {name} header ({error})")
    raise refusal or _unknown(prefix, suffix)


def _unknown(prefix: bytes, suffix: str) -> PhotoError:
    for signature, name in _OTHER_FORMATS:
        if prefix.startswith(signature):
            return PhotoError("unsupported", f"{name} is not decoded by this program")
    if prefix[4:8] == b"ftyp" and prefix[8:].startswith(_VIDEO_BRANDS):
        return PhotoError("unsupported", "a video or camera raw file, not decoded by this program")
    if suffix in RAW_FORMAT_SUFFIXES:
        return PhotoError("unsupported", "camera raw of a kind not decoded by this program")
    return PhotoError("unreadable", "not a picture this program knows")


def decoding_error(error: Exception) -> PhotoError:
    """The error of a photo behind anything that Pillow, libheif or NumPy raised while decoding.

    Returns
    -------
    PhotoError
        ``memory``, ``too_large`` (decompression bombs), ``unsupported`` or ``unreadable``.
    """
    if isinstance(error, PhotoError):
        return error
    first = error.args[0] if error.args else None
    # LibRaw's messages come as bytes.
    detail = (first.decode("utf-8", "replace") if isinstance(first, bytes) else str(error)) or type(error).__name__
    if isinstance(error, MemoryError):
        return PhotoError("memory", "not enough memory to decode it")
    if isinstance(error, Image.DecompressionBombError):
        return PhotoError("too_large", detail)
    if "Decompressed data too large" in detail or "memory used in text" in detail:
        return PhotoError("unreadable", "its metadata unpack to far more than metadata should")
    if isinstance(error, NotImplementedError) or "unsupported" in detail.lower():
        return PhotoError("unsupported", detail)
    if isinstance(error, zlib.error) or detail.startswith("decoder error"):
        detail = f"damaged picture data ({detail})"
    return PhotoError("unreadable", detail)
