"""What tests do to galleries that the program itself never does: one verdict alone, and all that was derived lost."""

from __future__ import annotations

from facelib.errors import InputError
from facelib.store import changes, schema
from facelib.store.gallery import Gallery
from facelib.store.verdicts import put_verdicts


def put_verdict(gallery: Gallery, observation_id: int, person_id: int, says: str, how: str, change: int | None = None) -> int:
    """Store one verdict, as a change of its own named ``how`` if none is given; returns the verdict's id.

    If the same was said already, that is the id of the verdict that stands.
    """
    if not gallery.db.value("SELECT 1 FROM people WHERE id = ? AND ended_by IS NULL", (person_id,)):
        raise InputError(f"there is no person p{person_id}")
    if not gallery.db.value("SELECT 1 FROM observations WHERE id = ?", (observation_id,)):
        raise InputError(f"there is no observation {observation_id}")
    with gallery.atomic():
        if change is None:
            change = changes.log(gallery, how, {"observation": observation_id, "person": person_id, "says": says})
        put_verdicts(gallery, [observation_id], person_id, says, how, change)
        return int(
            gallery.db.value(
                "SELECT max(v.id) FROM attachments a CROSS JOIN verdicts v ON v.id = a.verdict_id"
                " WHERE a.observation_id = ? AND v.person_id = ? AND v.says = ? AND v.ended_by IS NULL",
                (observation_id, person_id, says),
            )
        )


def drop_derived(gallery: Gallery) -> None:
    """Drop all derived tables and make them anew, empty; which ids were used stays known."""
    with gallery.atomic():
        tables = schema.tables(schema.derived_statements())
        used = gallery.db.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
        for table in reversed(tables):
            gallery.db.execute(f"DROP TABLE {table}")
        for statement in schema.derived_statements():
            gallery.db.execute(statement)
        # The log of changes names observations: an id must never come to mean another one.
        rows = (row for row in used if row[0] in tables)
        gallery.db.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", rows)
