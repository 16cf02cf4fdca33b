"""Deletion of people for good: from the tables, and from the bytes of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facelib.errors import GalleryBusyError
from facelib.store import schema
from facelib.store.connection import IN_LIST, id_list
from facelib.store.gallery import Gallery

_TABLES_WITH_HISTORY = ("verdicts", "people", "drawn")


@dataclass(frozen=True)
class Forgotten:
    """What was deleted: the number of observations with their embeddings, of verdicts, and the photos they were on (SHA-256)."""

    observations: int
    verdicts: int
    sha256s: tuple[str, ...]


def forget(gallery: Gallery, person_ids: Sequence[int]) -> Forgotten:
    """Delete people: names, verdicts, and everything derived from their faces. The photos stay in the gallery.

    The whole log of changes is deleted too, because it holds names and former verdicts: earlier changes can no longer be undone.
    Call :func:`scrub` afterwards, outside any transaction.
    """
    people = id_list(person_ids)
    with gallery.atomic():
        observations = _observations_of(gallery, people)
        photos = gallery.db.execute(
            f"SELECT DISTINCT p.sha256 FROM observations o JOIN photos p ON p.id = o.photo_id WHERE o.id {IN_LIST}",
            (id_list(observations),),
        ).fetchall()
        judged = gallery.db.execute(f"SELECT DISTINCT sha256 FROM verdicts WHERE person_id {IN_LIST}", (people,)).fetchall()
        verdicts = int(gallery.db.value(f"SELECT count(*) FROM verdicts WHERE person_id {IN_LIST}", (people,)))
        _delete_drawn(gallery, people)
        changed = f"SELECT cluster_id FROM memberships WHERE observation_id {IN_LIST} AND cluster_id IS NOT NULL"
        gallery.db.execute(f"UPDATE clusters SET vector_sum = NULL, vector_count = 0 WHERE id IN ({changed})", (id_list(observations),))
        gallery.db.execute(f"DELETE FROM observations WHERE id {IN_LIST}", (id_list(observations),))
        gallery.db.execute(f"DELETE FROM clusters WHERE person_id {IN_LIST}", (people,))
        gallery.db.execute("DELETE FROM clusters WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.cluster_id = clusters.id)")
        gallery.db.execute(f"DELETE FROM people WHERE id {IN_LIST}", (people,))
        gallery.db.execute("DELETE FROM enrolled WHERE sha256 NOT IN (SELECT sha256 FROM verdicts WHERE says = 'is' AND ended_by IS NULL)")
        _purge_history(gallery)
    sha256s = sorted({row[0].hex() for row in (*photos, *judged)})
    return Forgotten(len(observations), verdicts, tuple(sha256s))


def forget_all(gallery: Gallery) -> Forgotten:
    """Delete all people, all verdicts and all derived tables, including the paths of photos; the choice of models stays."""
    with gallery.atomic():
        counts = [int(gallery.db.value(f"SELECT count(*) FROM {table}")) for table in ("observations", "verdicts")]
        sha256s = tuple(row[0].hex() for row in gallery.db.execute("SELECT sha256 FROM photos ORDER BY 1").fetchall())
        for table in reversed(schema.tables(schema.derived_statements())):
            gallery.db.execute(f"DELETE FROM {table}")
        for table in ("verdicts", "enrolled", "drawn", "people", "changes"):
            gallery.db.execute(f"DELETE FROM {table}")
    return Forgotten(counts[0], counts[1], sha256s)


def scrub(gallery: Gallery) -> None:
    """Remove what was deleted from the bytes of the file: empty the write-ahead log, rewrite the file, empty the log again.

    SQLite has overwritten deleted rows with zeros (``secure_delete``), but the log may still hold them.

    Raises
    ------
    GalleryBusyError
        If another process reads the gallery, so that the log cannot be emptied.
    """
    for step in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
        row = gallery.db.execute(step).fetchone()
        if row is not None and row[0]:
            raise GalleryBusyError(
                f"the people are deleted, but another process reads {gallery.path} and keeps its old pages",
                "end that process, then run: facelib forget --scrub",
            )


def backups(gallery: Gallery) -> list[Path]:
    """Copies of the gallery in its folder, which still hold what was deleted."""
    own = {gallery.path.name + end for end in ("", "-wal", "-shm", "-journal", ".lock")}
    candidates = (path for path in gallery.path.parent.glob("*") if path.name.startswith(gallery.path.stem) and path.name not in own)
    return sorted(path for path in candidates if path.is_file() and _is_gallery(path))


def _is_gallery(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError:
        return False
    return header[:16] == b"SQLite format 3\0" and int.from_bytes(header[68:72], "big") == schema.APPLICATION_ID


def _observations_of(gallery: Gallery, people: str) -> list[int]:
    """All observations of these people: by a verdict, by an answer of the program, or by the owner of their cluster."""
    rows = gallery.db.execute(
        f"SELECT observation_id FROM answers WHERE person_id {IN_LIST}"
        " UNION SELECT a.observation_id FROM attachments a JOIN verdicts v ON v.id = a.verdict_id"
        f"  WHERE v.person_id {IN_LIST} AND v.says = 'is' AND v.ended_by IS NULL"
        f" UNION SELECT m.observation_id FROM memberships m JOIN clusters c ON c.id = m.cluster_id WHERE c.person_id {IN_LIST}"
        "  AND NOT EXISTS (SELECT 1 FROM answers s WHERE s.observation_id = m.observation_id AND s.person_id IS NOT NULL) ORDER BY 1",
        (people,),
    )
    return [row[0] for row in rows.fetchall()]


def _delete_drawn(gallery: Gallery, people: str) -> None:
    """Delete the boxes that the user drew for these people."""
    gallery.db.execute(
        "DELETE FROM drawn WHERE EXISTS (SELECT 1 FROM verdicts v WHERE v.sha256 = drawn.sha256 AND v.part = drawn.part"
        f" AND v.x0 = drawn.x0 AND v.y0 = drawn.y0 AND v.x1 = drawn.x1 AND v.y1 = drawn.y1 AND v.says = 'is' AND v.person_id {IN_LIST})",
        (people,),
    )


def _purge_history(gallery: Gallery) -> None:
    """Delete the log of changes and the rows that only undo needs: former verdicts, people and boxes."""
    for table in _TABLES_WITH_HISTORY:
        gallery.db.execute(f"DELETE FROM {table} WHERE ended_by IS NOT NULL")
    gallery.db.execute("DELETE FROM changes")
