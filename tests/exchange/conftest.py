"""exiftool, which checks what was written, and a small library."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facelib.store.gallery import Gallery
from tests.foreign import Library


@pytest.fixture
def exiftool() -> Callable[..., list[dict[str, Any]]]:
    """exiftool as a function: the metadata of a file, or of each file in a folder by name, with structures and plain numbers."""
    if shutil.which("exiftool") is None:
        pytest.skip("needs exiftool (Debian: libimage-exiftool-perl)")

    def metadata(path: Path) -> list[dict[str, Any]]:
        command = ["exiftool", "-j", "-n", "-struct", "-G1", "-a", "-ext", "*", str(path)]
        return sorted(json.loads(subprocess.run(command, capture_output=True, check=True).stdout), key=lambda record: record["SourceFile"])

    return metadata


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty folder and an empty gallery."""
    (tmp_path / "photos").mkdir()
    with Gallery.write(tmp_path / "gallery.sqlite", "test") as gallery:
        yield Library(tmp_path / "photos", gallery)
