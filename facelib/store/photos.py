"""Photos (contents) and files (the paths that hold them)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from facelib.errors import PhotoError
from facelib.records import Capture
from facelib.store.connection import id_list, now
from facelib.store.gallery import Gallery

BATCH = 4096


@dataclass(frozen=True)
class FileRow:
    """A file as the scan found it.

    Attributes
    ----------
    path : str
        Absolute; bytes that are not UTF-8 are surrogate escapes, as ``os.fsdecode`` makes them.
    size, mtime_ns : int
        Bytes, and the time of the last change in nanoseconds since 1970.
    sha256 : str or None
        64 hexadecimal digits; None if the file could not be read. If the scan could read it and a later step could not, both this and
        ``error`` are set.
    error : PhotoError or None
        Why it could not be read.
    """

    path: str
    size: int
    mtime_ns: int
    sha256: str | None
    error: PhotoError | None = None


@dataclass(frozen=True)
class KnownFile:
    """A file as it is stored. ``attempts`` is the number of failed reads since the file last changed."""

    id: int
    path: str
    size: int
    mtime_ns: int
    sha256: str | None
    missing: bool
    error_kind: str | None
    attempts: int = 0


@dataclass(frozen=True)
class PhotoRow:
    """A photo. ``path`` is its first present file, else its first missing file (``present`` is False then), else empty."""

    id: int
    sha256: str
    path: str
    width: int | None
    height: int | None
    capture: Capture | None
    present: bool = True


@dataclass(frozen=True)
class Counts:
    """The counts that ``status`` shows. ``files`` are present files; ``failed_photos`` have a stage that ended with an error."""

    files: int
    missing_files: int
    unreadable_files: int
    photos: int
    failed_photos: int
    observations: int
    faces: int
    bodies_only: int
    drawn_observations: int
    clusters: int
    people: int
    named_people: int
    hidden_people: int
    verdicts: int
    unattached_verdicts: int


def path_bytes(path: str) -> bytes:
    """The stored form of a path."""
    return path.encode("utf-8", "surrogateescape")


def path_text(stored: bytes) -> str:
    """The path of a stored form."""
    return stored.decode("utf-8", "surrogateescape")


def under(column: str, roots: Sequence[str] | None) -> tuple[str, list[bytes]]:
    """An SQL condition and its parameters: the path is one of ``roots`` or lies below one. None means all paths."""
    if roots is None:
        return "1", []
    parts, parameters = ["0"], []
    for root in roots:
        folder = path_bytes(root).rstrip(b"/")
        parts.append(f"{column} = ? OR ({column} >= ? AND {column} < ?)")
        parameters += [folder, folder + b"/", folder + b"0"]
    return f"({' OR '.join(parts)})", parameters


def known_files(gallery: Gallery, under_roots: Sequence[str] | None = None) -> dict[str, KnownFile]:
    """The stored files by path: all, or those at and below some paths."""
    where, parameters = under("f.path", under_roots)
    rows = gallery.db.execute(
        "SELECT f.id, f.path, f.size, f.mtime_ns, p.sha256, f.missing, f.error_kind, f.attempts"
        f" FROM files f LEFT JOIN photos p ON p.id = f.photo_id WHERE {where} ORDER BY f.path",
        parameters,
    )
    files = {}
    while batch := rows.fetchmany(BATCH):
        for key, stored, size, mtime_ns, sha256, missing, kind, attempts in batch:
            path = path_text(stored)
            files[path] = KnownFile(key, path, size, mtime_ns, sha256.hex() if sha256 else None, bool(missing), kind, attempts)
    return files


_PUT_FILE = """
INSERT INTO files (path, size, mtime_ns, photo_id, missing, error_kind, error_detail, attempts, at)
VALUES (?1, ?2, ?3, (SELECT id FROM photos WHERE sha256 = ?4), 0, ?5, ?6, ?5 IS NOT NULL, ?7)
ON CONFLICT (path) DO UPDATE SET
    former_id = iif(photo_id IS NOT excluded.photo_id, coalesce(former_id, photo_id), former_id),
    photo_id = excluded.photo_id, missing = 0, error_kind = excluded.error_kind, error_detail = excluded.error_detail,
    attempts = excluded.attempts
        + iif(excluded.error_kind IS NOT NULL AND size = excluded.size AND mtime_ns = excluded.mtime_ns, attempts, 0),
    size = excluded.size, mtime_ns = excluded.mtime_ns, at = excluded.at
"""


def put_files(gallery: Gallery, rows: Iterable[FileRow]) -> None:
    """Add or update files. New content becomes a photo; files with the same content share one photo."""
    rows = list(rows)
    at = now()
    with gallery.atomic():
        contents = [(bytes.fromhex(row.sha256),) for row in rows if row.sha256]
        gallery.db.executemany("INSERT INTO photos (sha256) VALUES (?) ON CONFLICT (sha256) DO NOTHING", contents)
        gallery.db.executemany(_PUT_FILE, (_file_values(row, at) for row in rows))


def _file_values(row: FileRow, at: str) -> tuple[Any, ...]:
    kind, detail = (row.error.kind, row.error.detail) if row.error else (None, None)
    return path_bytes(row.path), row.size, row.mtime_ns, bytes.fromhex(row.sha256) if row.sha256 else None, kind, detail, at


def mark_missing(gallery: Gallery, ids: Iterable[int]) -> None:
    """Mark files as missing. Their photos, and everything about these, stay."""
    with gallery.atomic():
        gallery.db.execute("UPDATE files SET missing = 1 WHERE id IN (SELECT value FROM json_each(?))", (id_list(ids),))


def mark_present(gallery: Gallery, ids: Iterable[int]) -> None:
    """Mark files as present again, unchanged."""
    with gallery.atomic():
        gallery.db.execute("UPDATE files SET missing = 0 WHERE id IN (SELECT value FROM json_each(?))", (id_list(ids),))


def prune(gallery: Gallery) -> int:
    """Delete photos without a file: their content was edited in place.

    A missing file counts, and so does a rewritten file whose verdicts are not transferred yet. Verdicts on deleted photos stay, and are
    attached again if the content returns. Call this at the end of a scan, when moved files have their new paths.

    Returns
    -------
    int
        The number of photos deleted.
    """
    with gallery.atomic():
        done = gallery.db.execute(
            "DELETE FROM photos WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.photo_id = photos.id)"
            " AND NOT EXISTS (SELECT 1 FROM files f WHERE f.former_id = photos.id)"
        )
        return int(done.rowcount)


_PHOTO = """
SELECT p.id, p.sha256, p.width, p.height, p.taken_at, p.seconds, p.latitude, p.longitude, p.capture_source,
       (SELECT min(path) FROM files f WHERE f.photo_id = p.id AND f.missing = 0),
       (SELECT min(path) FROM files f WHERE f.photo_id = p.id AND f.missing = 1)
FROM photos p
"""


def _photo_row(row: tuple[Any, ...]) -> PhotoRow:
    key, sha256, width, height, taken_at, seconds, latitude, longitude, source, present, missing = row
    capture = Capture(taken_at, seconds, latitude, longitude, source)
    path = path_text(present if present is not None else missing or b"")
    return PhotoRow(key, sha256.hex(), path, width, height, None if capture == Capture() else capture, present is not None)


def photo_by_sha(gallery: Gallery, sha256: str) -> PhotoRow | None:
    """The photo of this content (64 hexadecimal digits), or None."""
    row = gallery.db.execute(f"{_PHOTO} WHERE p.sha256 = ?", (bytes.fromhex(sha256),)).fetchone()
    return _photo_row(row) if row else None


def photos(gallery: Gallery, ids: Iterable[int] | None = None) -> Iterator[PhotoRow]:
    """Photos by id: these, or all, including those whose files are all missing."""
    if ids is None:
        rows = gallery.db.execute(f"{_PHOTO} ORDER BY p.id")
    else:
        rows = gallery.db.execute(f"{_PHOTO} WHERE p.id IN (SELECT value FROM json_each(?)) ORDER BY p.id", (id_list(ids),))
    while batch := rows.fetchmany(BATCH):
        yield from map(_photo_row, batch)


def set_picture(gallery: Gallery, photo_id: int, width: int, height: int, capture: Capture | None) -> None:
    """Store the upright size in pixels, and when and where the photo was taken."""
    at = capture or Capture()
    with gallery.atomic():
        gallery.db.execute(
            "UPDATE photos SET width = ?, height = ?, taken_at = ?, seconds = ?, latitude = ?, longitude = ?, capture_source = ?"
            " WHERE id = ?",
            (width, height, at.taken_at, at.seconds, at.latitude, at.longitude, at.source, photo_id),
        )


def counts(gallery: Gallery) -> Counts:
    """The figures of ``status``."""
    value = gallery.db.value
    return Counts(
        files=value("SELECT count(*) FROM files WHERE missing = 0"),
        missing_files=value("SELECT count(*) FROM files WHERE missing = 1"),
        unreadable_files=value("SELECT count(*) FROM files WHERE error_kind IS NOT NULL AND missing = 0"),
        photos=value("SELECT count(*) FROM photos"),
        failed_photos=value("SELECT count(DISTINCT photo_id) FROM ledger WHERE error_kind IS NOT NULL"),
        observations=value("SELECT count(*) FROM observations"),
        faces=value("SELECT count(*) FROM observations WHERE face_x0 IS NOT NULL"),
        bodies_only=value("SELECT count(*) FROM observations WHERE face_x0 IS NULL"),
        drawn_observations=value("SELECT count(*) FROM observations WHERE source = 'user'"),
        clusters=value("SELECT count(*) FROM clusters"),
        people=value("SELECT count(*) FROM people WHERE ended_by IS NULL"),
        named_people=value("SELECT count(*) FROM people WHERE ended_by IS NULL AND name IS NOT NULL"),
        hidden_people=value("SELECT count(*) FROM people WHERE ended_by IS NULL AND hidden = 1"),
        verdicts=value("SELECT count(*) FROM verdicts WHERE ended_by IS NULL"),
        unattached_verdicts=value(
            "SELECT count(*) FROM verdicts v WHERE ended_by IS NULL AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.verdict_id = v.id)"
        ),
    )
