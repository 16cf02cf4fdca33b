"""The JSON that ``facelib export json`` writes: one photo a line (:mod:`facelib.photo_json` has its writer)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from facelib.exchange.photo_record import PhotoRecord, RefusedFile
from facelib.exchange.regions import Region, clean_name
from facelib.exchange.sources import read_table
from facelib.records import CERTAIN, STANDINGS

default_paths = None


def read(paths: Sequence[Path]) -> Iterator[PhotoRecord | RefusedFile]:
    """Read the names that are certain."""
    for path in paths:
        for number, line in enumerate(read_table(path).decode("utf-8", "surrogateescape").split("\n"), start=1):
            if not line.strip():
                continue
            try:
                yield _record(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                yield RefusedFile(str(path), f"line {number} is not a photo as facelib export json writes it")


def _record(photo: dict[str, Any]) -> PhotoRecord:
    if photo["schema"] != 1:
        raise ValueError("another schema")
    regions = []
    for observation in photo["observations"]:
        part = "face" if observation["face"] else "body"
        name = clean_name(observation["person"]["name"]) if observation["person"] else None
        if name is not None and observation["standing"] == STANDINGS[CERTAIN]:
            x0, y0, x1, y1 = (float(side) for side in observation[part]["box"])
            regions.append(Region(name, (x0, y0, x1, y1), part, "json"))
    sha256 = photo["sha256"] or ""
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError("not a SHA-256")
    return PhotoRecord(str(photo["photo"]), regions=tuple(regions), sha256=sha256)
