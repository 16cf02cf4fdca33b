"""From an older schema to the present one: a backup first, then one transaction for each version."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from facelib.errors import GalleryError
from facelib.store.connection import Connection, explain
from facelib.store.schema import VERSION

Step = Callable[[Connection], None]


def _codes_and_clothes(db: Connection) -> None:
    db.execute("CREATE TABLE codes (block INTEGER PRIMARY KEY, records BLOB NOT NULL) STRICT")
    db.execute("CREATE TRIGGER codes_gone AFTER DELETE ON observations BEGIN DELETE FROM codes WHERE block = old.id / 64; END")
    # Until then the default; a newer one would have every photo looked at again, unasked.
    db.execute("INSERT OR IGNORE INTO choices SELECT 'body-embedder', 'colour-texture' WHERE EXISTS (SELECT 1 FROM observations)")


def _no_judge(db: Connection) -> None:
    # As above: what was looked at without a judge stays as it is until the user wants one. What mtcnn has found is looked at
    # again in any case, for its landmarks at the borders of pictures were wrong.
    db.execute(
        "INSERT OR IGNORE INTO choices SELECT 'face-judge', 'detector-view' WHERE EXISTS (SELECT 1 FROM observations)"
        " AND EXISTS (SELECT 1 FROM choices WHERE task = 'face-detector' AND model != 'mtcnn')"
    )


def _no_ensemble(db: Connection) -> None:
    # As above: faces that were embedded stay as they are until the user wants them embedded by another model.
    db.execute("INSERT OR IGNORE INTO choices SELECT 'face-embedder', 'dlib-resnet' WHERE EXISTS (SELECT 1 FROM observations)")


STEPS: Mapping[int, Step] = {1: _codes_and_clothes, 2: _no_judge, 3: _no_ensemble}
"""``STEPS[n]`` brings version n to n + 1 by single statements; it neither begins nor commits."""


def migrate(db: Connection, steps: Mapping[int, Step] = STEPS, target: int = VERSION) -> Path | None:
    """Bring a gallery opened for writing to ``target``.

    Killed or failing anywhere, the gallery is whole at one version or the next.

    Returns
    -------
    Path or None
        The backup, or None where nothing was to be done.

    Raises
    ------
    GalleryError
        If a step fails; the gallery then is as it was before that step.
    """
    version = int(db.value("PRAGMA user_version"))
    if version == target:
        return None
    missing = [n for n in range(version, target) if n not in steps]
    if missing:
        raise GalleryError(f"the gallery {db.path} is of version {version}, which this program cannot update", "start a new gallery")
    kept = back_up(db, db.path.with_name(f"{db.path.name}.v{version}.bak"))
    # A step that rebuilds a table would otherwise delete the rows that point to it.
    db.execute("PRAGMA foreign_keys = OFF")
    try:
        for n in range(version, target):
            _step(db, steps[n], n + 1)
    finally:
        db.execute("PRAGMA foreign_keys = ON")
    return kept


def _step(db: Connection, step: Step, reached: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        step(db)
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise GalleryError(
                f"updating the gallery {db.path} to version {reached} would leave {len(broken)} rows that point nowhere; it is unchanged",
                "please report this",
            )
        db.execute(f"PRAGMA user_version = {reached}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def back_up(db: Connection, to: Path) -> Path:
    """Copy a gallery, also one in use, by SQLite's backup API; the copy is 0600 and appears complete or not at all."""
    half = to.with_name(to.name + ".half")
    try:
        half.unlink(missing_ok=True)
        os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copy = sqlite3.connect(half, isolation_level=None)
        try:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
        sync(half)
        os.replace(half, to)
        sync(to.parent)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise GalleryError(f"the backup {to} cannot be written: {error.strerror}", "make room, or check the permissions") from error
    except sqlite3.Error as error:
        half.unlink(missing_ok=True)
        raise explain(error, to) from error
    return to


def sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
