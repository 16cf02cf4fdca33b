"""The log of what the user did: what undo walks back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from facelib.store.connection import now
from facelib.store.gallery import Gallery


def log(gallery: Gallery, command: str, detail: dict[str, Any]) -> int:
    """Note a change, before the rows that point to it.

    Parameters
    ----------
    command : str
        What the user did: ``"name"``, ``"rename"``, ``"confirm"`` ...
    detail : dict
        What undo needs beyond the rows made and ended by this change; kept as JSON.

    Returns
    -------
    int
        Id of the change.
    """
    with gallery.atomic():
        done = gallery.db.execute("INSERT INTO changes (at, command, detail) VALUES (?, ?, ?)", (now(), command, _text(detail)))
        return int(done.lastrowid or 0)


def amend(gallery: Gallery, change: int, **more: Any) -> None:
    """Add to the detail of a change what is known only after it was made; empty values are left out."""
    detail = json.loads(gallery.db.value("SELECT detail FROM changes WHERE id = ?", (change,)))
    detail |= {key: value for key, value in more.items() if value not in ([], {}, None)}
    gallery.db.execute("UPDATE changes SET detail = ? WHERE id = ?", (_text(detail), change))


def command(gallery: Gallery, change: int) -> str:
    """What the user did by a change."""
    return str(gallery.db.value("SELECT command FROM changes WHERE id = ?", (change,)))


@contextmanager
def rehearsal(gallery: Gallery) -> Iterator[None]:
    """Whatever is changed inside is undone at the end: what ``--dry-run`` shows is what would happen."""
    gallery.db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        if gallery.db.in_transaction:
            gallery.db.execute("ROLLBACK")


def _text(detail: dict[str, Any]) -> str:
    return json.dumps(detail, ensure_ascii=False)
