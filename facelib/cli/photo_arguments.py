"""The photos given to a command: as arguments, or NUL-separated on standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from facelib.errors import InputError


def photo_paths(arguments: tuple[str, ...], stdin0: bool) -> list[Path]:
    """Absolute paths, arguments first; links are not resolved.

    Raises
    ------
    InputError
        If there is none.
    """
    given = list(arguments)
    if stdin0:
        given += [os.fsdecode(item) for item in sys.stdin.buffer.read().split(b"\0") if item]
    if not given:
        raise InputError("no photo was given", "name photos as arguments, or pipe them in with --stdin0")
    return [Path(path).absolute() for path in given]
