"""The gold galleries: real galleries of every version of the schema, restored with their photos in a folder of a test."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.gold.make import ALBUM, COMMITS, GONE, HERE, LATER, REFERENCES, ROOT, UNREADABLE, photo_path, write_photo

VERSIONS = tuple(COMMITS)

_SAME = {"face-detector": "mtcnn", "body-detector": "face-geometry", "face-judge": "facelib-judge"}
MODELS = {
    1: {**_SAME, "face-embedder": "dlib-resnet", "body-embedder": "colour-texture"},
    2: {**_SAME, "face-embedder": "dlib-resnet", "body-embedder": "facelib-body"},
    3: {**_SAME, "face-embedder": "dlib-resnet", "body-embedder": "facelib-body"},
    4: {**_SAME, "face-embedder": "facelib-ensemble", "body-embedder": "facelib-body"},
}
"""The models that a gallery of each version used, and uses after an update. Version 3 began to judge faces that mtcnn found."""


def restore(version: int, folder: Path) -> Path:
    """Put the gallery of a version, and the photos it knows, into a folder; returns the path of the gallery."""
    path = folder / "gallery.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript((HERE / f"v{version}.sql").read_text(encoding="utf-8"))
        for table in ("files", "enrolled"):
            db.execute(f"UPDATE {table} SET path = CAST(replace(CAST(path AS TEXT), ?, ?) AS BLOB)", (ROOT, str(folder)))
        db.execute("UPDATE changes SET detail = replace(detail, ?, ?)", (ROOT, str(folder)))
        db.commit()
    for number, people in enumerate([*ALBUM, *LATER, *REFERENCES]):
        if number != GONE:
            write_photo(photo_path(folder, number), people, number, "unreadable" if number == UNREADABLE else "")
    return path


def empty(version: int, folder: Path) -> Path:
    """A gallery of a version before anything was done with it; returns its path."""
    path = folder / "gallery.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript((HERE / f"v{version}.sql").read_text(encoding="utf-8"))
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            db.execute(f"DELETE FROM {table}")
        db.commit()
    return path


def answers(version: int, folder: Path) -> list[tuple[list[str], list[Any]]]:
    """Commands and what the program of that version answered, with the paths that :func:`restore` gave."""
    text = (HERE / f"v{version}.json").read_text(encoding="utf-8").replace(ROOT, str(folder))
    return [(each["command"], each["answers"]) for each in json.loads(text)]
