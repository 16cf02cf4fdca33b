"""EXIF and XMP of PNG files, which may stand behind the pixels, read without decoding those."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP_KEYWORD = b"XML:com.adobe.xmp\0"
_MOST_BYTES = 16 * 1024 * 1024


def read_png_metadata(file: BinaryIO) -> tuple[bytes | None, bytes | None]:
    """Walk over the chunks of a PNG file.

    Parameters
    ----------
    file : binary file
        At its beginning.

    Returns
    -------
    exif, xmp : bytes or None
        The TIFF structure of the ``eXIf`` chunk, and the XMP packet of the ``iTXt`` chunk.
    """
    exif = xmp = None
    file.seek(len(SIGNATURE))
    while (head := file.read(8)) and len(head) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            break
        if kind in (b"eXIf", b"iTXt") and length <= _MOST_BYTES:
            content = file.read(length)
            file.seek(4, 1)
            if kind == b"eXIf":
                exif = content
            elif content.startswith(_XMP_KEYWORD):
                xmp = _international_text(content[len(_XMP_KEYWORD) :])
        else:
            file.seek(length + 4, 1)
    return exif, xmp


def _international_text(content: bytes) -> bytes | None:
    # Compression flag and method, then language and translated keyword, each ended by a zero byte.
    parts = content[2:].split(b"\0", 2)
    if len(parts) != 3:
        return None
    if content[0] == 0:
        return parts[2]
    # A limit, since a kilobyte can unpack to a megabyte.
    return zlib.decompressobj().decompress(parts[2], _MOST_BYTES)
