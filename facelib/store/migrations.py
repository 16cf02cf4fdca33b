"""Migrations from older schemas to the present one: a backup first, then one transaction for each version."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from facelib.errors import GalleryError
from facelib.store.choices import DEFAULTS_OF_VERSION_4
from facelib.store.connection import Connection, gallery_error
from facelib.store.schema import VERSION

Migration = Callable[[Connection], None]
"""The statements that bring a gallery from one version to the next."""


def _add_codes_keep_body_embedder(db: Connection) -> None:
    db.execute("CREATE TABLE codes (block INTEGER PRIMARY KEY, records BLOB NOT NULL) STRICT")
    db.execute("CREATE TRIGGER codes_gone AFTER DELETE ON observations BEGIN DELETE FROM codes WHERE block = old.id / 64; END")
    # colour-texture was the default of version 1. Under the later default every photo would be processed again, unasked.
    db.execute(
        "INSERT OR IGNORE INTO choices (task, model) SELECT 'body-embedder', 'colour-texture' WHERE EXISTS (SELECT 1 FROM observations)"
    )


def _keep_no_judge(db: Connection) -> None:
    # Photos processed without a judge stay as they are until the user chooses one. Photos processed with mtcnn are processed again
    # in any case, because its landmarks at the borders of pictures were wrong.
    db.execute(
        "INSERT OR IGNORE INTO choices (task, model) SELECT 'face-judge', 'detector-view' WHERE EXISTS (SELECT 1 FROM observations)"
        " AND EXISTS (SELECT 1 FROM choices WHERE task = 'face-detector' AND model != 'mtcnn')"
    )


def _keep_face_embedder(db: Connection) -> None:
    # Embedded faces stay as they are until the user chooses another model. dlib-resnet was the default until version 3.
    db.execute(
        "INSERT OR IGNORE INTO choices (task, model) SELECT 'face-embedder', 'dlib-resnet' WHERE EXISTS (SELECT 1 FROM observations)"
    )


def _pin_models(db: Connection) -> None:
    # A gallery without any work done gets the defaults of the program that opens it, as a new one does.
    db.executemany(
        "INSERT OR IGNORE INTO choices (task, model) SELECT ?, ?"
        " WHERE EXISTS (SELECT 1 FROM observations) OR EXISTS (SELECT 1 FROM ledger)",
        DEFAULTS_OF_VERSION_4.items(),
    )


MIGRATIONS: Mapping[int, Migration] = {1: _add_codes_keep_body_embedder, 2: _keep_no_judge, 3: _keep_face_embedder, 4: _pin_models}
"""``MIGRATIONS[n]`` brings version n to n + 1 by single statements; it neither begins nor commits a transaction."""


def migrate(db: Connection, steps: Mapping[int, Migration] = MIGRATIONS, target: int = VERSION) -> Path | None:
    """Bring a gallery that is open for writing to version ``target``.

    If the process is killed or a step fails, the gallery is complete at one version or the next.

    Returns
    -------
    Path or None
        The backup, or None if the gallery has that version already.

    Raises
    ------
    GalleryError
        If there is no step from the gallery's version, or a step fails. The gallery then is as it was before that step.
    """
    version = int(db.value("PRAGMA user_version"))
    if version == target:
        return None
    missing = [n for n in range(version, target) if n not in steps]
    if missing:
        raise GalleryError(f"the gallery {db.path} is of version {version}, which this program cannot update", "start a new gallery")
    backup = back_up(db, db.path.with_name(f"{db.path.name}.v{version}.bak"))
    # With foreign keys on, a step that rebuilds a table would delete the rows of other tables that refer to it.
    db.execute("PRAGMA foreign_keys = OFF")
    try:
        for n in range(version, target):
            _step(db, steps[n], n + 1)
    finally:
        db.execute("PRAGMA foreign_keys = ON")
    return backup


def _step(db: Connection, step: Migration, reached: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        step(db)
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise GalleryError(
                f"updating the gallery {db.path} to version {reached} would leave {len(broken)} dangling references; it is unchanged",
                "please report this",
            )
        db.execute(f"PRAGMA user_version = {reached}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def back_up(db: Connection, to: Path) -> Path:
    """Copy a gallery by SQLite's backup API, also while it is in use. The copy has mode 0600 and appears complete or not at all."""
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
        raise GalleryError(f"the backup {to} cannot be written: {error.strerror}", "free some space, or check the permissions") from error
    except sqlite3.Error as error:
        half.unlink(missing_ok=True)
        raise gallery_error(error, to) from error
    return to


def sync(path: Path) -> None:
    """Write a file, or the names in a folder, from the cache of the system to the disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
