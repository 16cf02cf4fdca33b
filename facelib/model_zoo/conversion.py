"""Weights that are published as a pickle, kept as safetensors: read once by the restricted unpickler, never again.

Beside the converted file stands its SHA-256 with that of the file it was made from, so it is checked like any other.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from facelib.model_zoo.registry import ModelFile


def converted(path: Path) -> Path:
    """Where the converted form of a published file lies."""
    return path.with_suffix(".safetensors")


def is_right(path: Path, file: ModelFile) -> bool:
    """Whether ``path`` is whole, and was made from the very file the card names; False also where it cannot be read."""
    try:
        own, _, source = _record(path).read_text().strip().partition(" ")
        with path.open("rb") as stream:
            return source == file.sha256 and hashlib.file_digest(stream, "sha256").hexdigest() == own
    except (OSError, UnicodeDecodeError):
        return False


def convert(path: Path, file: ModelFile) -> Path:
    """Keep the checked file ``path`` as safetensors instead; the published one is removed.

    Raises
    ------
    WeightsError
        If the file does not hold the network it should.
    """
    from safetensors.torch import save_file

    from facelib.vision.nets.facenet import read_facenet

    target = converted(path)
    part = target.with_name(f"{target.name}.part")
    state = {name: value.contiguous() for name, value in read_facenet(path).state_dict().items()}
    save_file(state, part)
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
