"""Forgetting people: what is deleted is gone from the file, not only from its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facelib.errors import GalleryBusyError
from facelib.store import schema
from facelib.store.connection import id_list
from facelib.store.gallery import Gallery

_LISTED = "IN (SELECT value FROM json_each(?1))"
_PURGED = "verdicts people drawn".split()


@dataclass(frozen=True)
class Forgotten:
    """What was deleted: observations with their embeddings, what was said of them, and the photos they were on (SHA-256)."""

    observations: int
    verdicts: int
    sha256s: tuple[str, ...]


def forget(gallery: Gallery, person_ids: Sequence[int]) -> Forgotten:
    """Delete people: names, verdicts, and everything that was derived from their faces. The photos stay known.

    With them goes the whole log of changes, which holds names and former verdicts: nothing done before can be undone.
    Call :func:`scrub` afterwards, outside any transaction.
    """
    people = id_list(person_ids)
    with gallery.atomic():
        seen = _observations_of(gallery, people)
        photos = gallery.db.execute(
            f"SELECT DISTINCT p.sha256 FROM observations o JOIN photos p ON p.id = o.photo_id WHERE o.id {_LISTED}", (id_list(seen),)
        ).fetchall()
        spoken = gallery.db.execute(f"SELECT DISTINCT sha256 FROM verdicts WHERE person_id {_LISTED}", (people,)).fetchall()
        said = int(gallery.db.value(f"SELECT count(*) FROM verdicts WHERE person_id {_LISTED}", (people,)))
        _delete_drawn(gallery, people)
        touched = f"SELECT cluster_id FROM memberships WHERE observation_id {_LISTED} AND cluster_id IS NOT NULL"
        gallery.db.execute(f"UPDATE clusters SET vector_sum = NULL, vector_count = 0 WHERE id IN ({touched})", (id_list(seen),))
        gallery.db.execute(f"DELETE FROM observations WHERE id {_LISTED}", (id_list(seen),))
        gallery.db.execute(f"DELETE FROM clusters WHERE person_id {_LISTED}", (people,))
        gallery.db.execute("DELETE FROM clusters WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.cluster_id = clusters.id)")
        gallery.db.execute(f"DELETE FROM people WHERE id {_LISTED}", (people,))
        gallery.db.execute("DELETE FROM enrolled WHERE sha256 NOT IN (SELECT sha256 FROM verdicts WHERE says = 'is' AND ended_by IS NULL)")
        _purge_history(gallery)
    sha256s = sorted({row[0].hex() for row in (*photos, *spoken)})
    return Forgotten(len(seen), said, tuple(sha256s))


def forget_all(gallery: Gallery) -> Forgotten:
    """Delete all people, all that was said, and all that machines found, the paths of photos too; the choice of models stays."""
    with gallery.atomic():
        counts = [int(gallery.db.value(f"SELECT count(*) FROM {table}")) for table in ("observations", "verdicts")]
        sha256s = tuple(row[0].hex() for row in gallery.db.execute("SELECT sha256 FROM photos ORDER BY 1").fetchall())
        for table in reversed(schema.tables(schema.derived_statements())):
            gallery.db.execute(f"DELETE FROM {table}")
        for table in ("verdicts", "enrolled", "drawn", "people", "changes"):
            gallery.db.execute(f"DELETE FROM {table}")
    return Forgotten(counts[0], counts[1], sha256s)


def scrub(gallery: Gallery) -> None:
    """Take what was deleted out of the file itself: empty the write-ahead log, rewrite the file, empty the log again.

    Deleted rows were overwritten with zeros already (``secure_delete``); the log may still hold them.

    Raises
    ------
    GalleryBusyError
        If another process reads the gallery, and so keeps the log.
    """
    for step in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
        row = gallery.db.execute(step).fetchone()
        if row is not None and row[0]:
            raise GalleryBusyError(
                f"what was forgotten is deleted, but another process reads {gallery.path} and keeps its old pages",
                "end that process, then run: facelib forget --scrub",
            )


def backups(gallery: Gallery) -> list[Path]:
    """Copies of the gallery beside it: they still hold what was forgotten."""
    own = {gallery.path.name + end for end in ("", "-wal", "-shm", "-journal", ".lock")}
    found = (path for path in gallery.path.parent.glob("*") if path.name.startswith(gallery.path.stem) and path.name not in own)
    return sorted(path for path in found if path.is_file() and _is_gallery(path))


def _is_gallery(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError:
        return False
    return header[:16] == b"SQLite format 3\0" and int.from_bytes(header[68:72], "big") == schema.APPLICATION_ID


def _observations_of(gallery: Gallery, people: str) -> list[int]:
    """All observations held to be one of them: by a verdict, by the program, or by their cluster."""
    rows = gallery.db.execute(
        f"SELECT observation_id FROM answers WHERE person_id {_LISTED}"
        " UNION SELECT a.observation_id FROM attachments a JOIN verdicts v ON v.id = a.verdict_id"
        f"  WHERE v.person_id {_LISTED} AND v.says = 'is' AND v.ended_by IS NULL"
        f" UNION SELECT m.observation_id FROM memberships m JOIN clusters c ON c.id = m.cluster_id WHERE c.person_id {_LISTED}"
        "  AND NOT EXISTS (SELECT 1 FROM answers s WHERE s.observation_id = m.observation_id AND s.person_id IS NOT NULL) ORDER BY 1",
        (people,),
    )
    return [row[0] for row in rows.fetchall()]


def _delete_drawn(gallery: Gallery, people: str) -> None:
    """Boxes the user drew for them."""
    gallery.db.execute(
        "DELETE FROM drawn WHERE EXISTS (SELECT 1 FROM verdicts v WHERE v.sha256 = drawn.sha256 AND v.part = drawn.part"
        f" AND v.x0 = drawn.x0 AND v.y0 = drawn.y0 AND v.x1 = drawn.x1 AND v.y1 = drawn.y1 AND v.says = 'is' AND v.person_id {_LISTED})",
        (people,),
    )


def _purge_history(gallery: Gallery) -> None:
    """Delete the log and all that only undo could bring back: former names, verdicts and people."""
    for table in _PURGED:
        gallery.db.execute(f"DELETE FROM {table} WHERE ended_by IS NOT NULL")
    gallery.db.execute("DELETE FROM changes")
