"""The fingerprint of a file: the SHA-256 of its bytes, which names the photo, with the size and time the file had then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

from facelib.errors import PhotoError
from facelib.photos.photo_file import open_photo, reading_error, status_of

CHANGED = "changed"
"""Kind of the error of a file that was written to while it was read. It says nothing about the photo: read the file again later."""

T = TypeVar("T")


@dataclass(frozen=True)
class Fingerprint:
    """What a file held when it was read.

    Attributes
    ----------
    sha256 : str
        Of its bytes: 64 hexadecimal digits, lower case.
    size : int
        Bytes.
    mtime_ns : int
        Time of last change, nanoseconds since 1970.
    """

    sha256: str
    size: int
    mtime_ns: int


def fingerprint(path: Path) -> Fingerprint:
    """Read a file, in pieces.

    Size and time are those of the very file that was read, asked for through the open descriptor: the path may lead to another
    file by then.

    Raises
    ------
    PhotoError
        ``missing``, ``permission``, ``unreadable`` or ``changed``.
    """
    with open_photo(path) as file:
        sha256, status = read_unchanged(file, lambda: hashlib.file_digest(file, "sha256").hexdigest())
    return Fingerprint(sha256, status.st_size, status.st_mtime_ns)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content: 64 hexadecimal digits, lower case. Raises as :func:`fingerprint` does."""
    return fingerprint(path).sha256


def read_unchanged(file: BufferedReader, read: Callable[[], T]) -> tuple[T, os.stat_result]:
    """Read from an open file and make sure that nobody wrote to it meanwhile.

    Parameters
    ----------
    file : binary file
        Opened by :func:`facelib.photos.photo_file.open_photo`.
    read : callable
        Reads from ``file``.

    Returns
    -------
    result
        What ``read`` returned.
    status : os.stat_result
        Of the file, the same before and after.

    Raises
    ------
    PhotoError
        ``changed`` if size or time differ afterwards; ``permission``, ``missing``, ``memory`` or ``unreadable`` if reading failed.
    """
    before = status_of(file)
    try:
        result = read()
    except OSError as error:
        # Opening succeeded, so a path error now means a network share or card that went away half-way.
        raise reading_error(error) from error
    except MemoryError as error:
        raise PhotoError("memory", "not enough memory to read it") from error
    after = status_of(file)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise changed_error()
    return result, after


def changed_error() -> PhotoError:
    """The error of a file that was written to while it was read."""
    return PhotoError(CHANGED, "the file changed while it was read")
