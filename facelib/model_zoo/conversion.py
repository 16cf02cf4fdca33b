"""Published files that are not used as they are: read once, and kept in a form that is safe and quick to read.

Beside the converted file lies its own SHA-256 with that of the file it was made from, so it is checked like any other.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from facelib.model_zoo.card import ModelFile

Converter = Callable[[Path, Path], None]
"""Reads the published file of the first path, which was checked, and writes the form to keep to the second."""


def is_intact(path: Path, file: ModelFile) -> bool:
    """Whether ``path`` is complete, and was made from the very file the card names; False also if it cannot be read."""
    try:
        own, _, source = _record(path).read_text().strip().partition(" ")
        with path.open("rb") as stream:
            return source == file.sha256 and hashlib.file_digest(stream, "sha256").hexdigest() == own
    except (OSError, UnicodeDecodeError):
        return False


def convert(path: Path, file: ModelFile, converter: Converter) -> Path:
    """Keep the checked file ``path`` in its converted form; the published file is removed.

    Raises
    ------
    WeightsError
        From the converter, if the file does not hold the network it should.
    """
    assert file.kept_as is not None
    target = path.with_name(file.kept_as)
    part = target.with_name(f"{target.name}.part")
    converter(path, part)
    part.chmod(0o600)
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    record = _record(target)
    record.touch(mode=0o600)
    record.write_text(f"{digest} {file.sha256}\n")
    os.replace(part, target)
    path.unlink()
    return target


def _record(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")
