"""The bytes of a photo, read once: what is hashed is what is decoded."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from facelib.errors import PhotoError
from facelib.photos.capture_time import capture_of
from facelib.photos.decode import decode_file
from facelib.photos.fingerprint import Fingerprint, changed_error, read_unchanged
from facelib.photos.photo_file import open_photo, status_of
from facelib.records import Capture, Picture

MOST_IN_MEMORY = 64 * 1024 * 1024
"""Largest file that is held in memory, in bytes. JPEG, HEIC and most raw files are smaller; eight workers that each hold one of this
size need 512 MiB, less than the pixels they decode from it."""


@dataclass(frozen=True)
class PhotoContent:
    """The content of a photo file, under its hash.

    Files of up to :data:`MOST_IN_MEMORY` bytes are held in memory, so nothing that happens to them on the disk matters any more. Larger
    ones stay open, and :meth:`decode` makes sure that they did not change since they were hashed. The path may lead to another file by
    then; the open descriptor does not, so its inode need not be compared.

    Attributes
    ----------
    path : Path
        Where the bytes were read from. Only the suffix is used, and XMP files beside it.
    fingerprint : Fingerprint
    """

    path: Path
    fingerprint: Fingerprint
    _file: BinaryIO
    _opened: BufferedReader | None = None

    def decode(self, working_side: int, max_pixels: int) -> tuple[Picture, Capture]:
        """The picture, as :func:`facelib.photos.decode.decode` gives it, and when and where it was taken.

        Raises
        ------
        PhotoError
            As ``decode`` does, or ``changed``.
        """
        try:
            picture = decode_file(self._file, self.path, working_side, max_pixels)
            capture = capture_of(self._file, self.path)
        except PhotoError as error:
            self._check_unchanged()
            raise error
        self._check_unchanged()
        return picture, capture

    def _check_unchanged(self) -> None:
        if self._opened is not None:
            now = status_of(self._opened)
            if (now.st_size, now.st_mtime_ns) != (self.fingerprint.size, self.fingerprint.mtime_ns):
                raise changed_error()


@contextmanager
def read_photo(path: Path) -> Iterator[PhotoContent]:
    """Read and hash a photo file; it stays readable inside the ``with`` block.

    Raises
    ------
    PhotoError
        ``missing``, ``permission``, ``memory``, ``unreadable`` or ``changed``.
    """
    with open_photo(path) as file:
        if status_of(file).st_size <= MOST_IN_MEMORY:
            data, status = read_unchanged(file, file.read)
            sha256 = hashlib.sha256(data).hexdigest()
            yield PhotoContent(path, Fingerprint(sha256, status.st_size, status.st_mtime_ns), io.BytesIO(data))
        else:
            sha256, status = read_unchanged(file, lambda: hashlib.file_digest(file, "sha256").hexdigest())
            yield PhotoContent(path, Fingerprint(sha256, status.st_size, status.st_mtime_ns), file, file)
