"""Opening the file of a photo, and the error of the photo behind an error of the operating system."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from facelib.errors import PhotoError

MISSING = "missing"
"""Kind of the error of a file that is not there."""

_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})


def reading_error(error: OSError | ValueError) -> PhotoError:
    """The error of a photo behind an error of the operating system.

    Parameters
    ----------
    error : OSError or ValueError
        ValueError is what Python raises for a path the system cannot take (a NUL in the name).

    Returns
    -------
    PhotoError
        Of kind ``missing``, ``permission``, ``memory`` or ``unreadable``; the path is not in the detail, since the ledger has it.
    """
    if not isinstance(error, OSError):
        return PhotoError(MISSING, "no file can have this name")
    if error.errno in _GONE:
        return PhotoError(MISSING, "no such file")
    if error.errno in _FORBIDDEN:
        return PhotoError("permission", "no permission to read it")
    if error.errno == errno.ENOMEM:
        return PhotoError("memory", "not enough memory to read it")
    if error.errno == errno.ELOOP:
        return PhotoError("unreadable", "a symbolic link that leads back to itself")
    return PhotoError("unreadable", error.strerror or str(error) or type(error).__name__)


def open_photo(path: Path) -> BufferedReader:
    """Open a photo for reading.

    Raises
    ------
    PhotoError
        Where it cannot be opened or is not a regular file; a named pipe would block for ever.
    """
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            raise PhotoError("unreadable", "a folder, not a photo" if stat.S_ISDIR(mode) else "not a file")
        return open(path, "rb")
    except (OSError, ValueError) as error:
        raise reading_error(error) from error


def status_of(file: BufferedReader) -> os.stat_result:
    """Size and times of an open file: of that very file, wherever its path leads by now.

    Raises
    ------
    PhotoError
        Where a network share or card went away.
    """
    try:
        return os.fstat(file.fileno())
    except OSError as error:
        raise reading_error(error) from error
