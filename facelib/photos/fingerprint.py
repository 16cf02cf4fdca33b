"""The name of a photo: the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from facelib.errors import PhotoError
from facelib.photos.photo_file import fault_of, open_photo


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, read in pieces.

    Returns
    -------
    str
        64 hexadecimal digits, lower case.

    Raises
    ------
    PhotoError
        ``missing``, ``permission`` or ``unreadable``.
    """
    with open_photo(path) as file:
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            # Opening succeeded, so a path error now means a network share or card that went away half-way.
            fault = fault_of(error)
            raise PhotoError(fault.kind, fault.detail) from error
