"""The log of changes: what the user did, in the order in which undo takes it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from facelib.store.connection import now
from facelib.store.gallery import Gallery


def log(gallery: Gallery, command: str, detail: dict[str, Any]) -> int:
    """Add a change, before the rows that refer to it.

    Parameters
    ----------
    command : str
        What the user did: ``"name"``, ``"rename"``, ``"confirm"`` ...
    detail : dict
        What undo needs beside the rows that this change makes and ends; stored as JSON.

    Returns
    -------
    int
        Id of the change.
    """
    with gallery.atomic():
        done = gallery.db.execute("INSERT INTO changes (at, command, detail) VALUES (?, ?, ?)", (now(), command, _text(detail)))
        return int(done.lastrowid or 0)


def add_detail(gallery: Gallery, change: int, **more: Any) -> None:
    """Add to the detail of a change what is known only at its end; empty values are left out."""
    detail = json.loads(gallery.db.value("SELECT detail FROM changes WHERE id = ?", (change,)))
    detail |= {key: value for key, value in more.items() if value not in ([], {}, None)}
    gallery.db.execute("UPDATE changes SET detail = ? WHERE id = ?", (_text(detail), change))


def command(gallery: Gallery, change: int) -> str:
    """The command of a change."""
    return str(gallery.db.value("SELECT command FROM changes WHERE id = ?", (change,)))


@contextmanager
def rolled_back(gallery: Gallery) -> Iterator[None]:
    """Roll back at the end of the ``with`` block whatever it changed: ``--dry-run`` shows exactly what would happen."""
    gallery.db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        if gallery.db.in_transaction:
            gallery.db.execute("ROLLBACK")


def _text(detail: dict[str, Any]) -> str:
    return json.dumps(detail, ensure_ascii=False)
