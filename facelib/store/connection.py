"""SQLite connections that raise the errors of :mod:`facelib.errors`, with a sentence and advice, in place of ``sqlite3.Error``."""

from __future__ import annotations

import datetime
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from facelib.errors import FacelibError, GalleryBusyError, GalleryError

BUSY_TIMEOUT_MS = 5000

NO_LIMIT = -1
"""As a LIMIT in SQL: all rows."""

IN_LIST = "IN (SELECT value FROM json_each(?1))"
"""A condition in SQL on an id: it is in the list that is the first parameter, as :func:`id_list` makes it."""


def now() -> str:
    """The present time in UTC, ISO 8601 to the second."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def id_list(ids: Iterable[int] | np.ndarray) -> str:
    """Any number of ids, of any iterable or an ndarray of shape (n,), as one parameter for ``IN (SELECT value FROM json_each(?))``."""
    return json.dumps([int(i) for i in ids])


def gallery_error(error: sqlite3.Error, path: Path) -> FacelibError:
    """The error for the user that an error of SQLite means."""
    name = getattr(error, "sqlite_errorname", "") or ""
    # On a full disk, the memory-mapped file beside a write-ahead log fails with an input/output error.
    if name.startswith("SQLITE_FULL") or (name.startswith("SQLITE_IOERR") and _is_full(path)):
        return GalleryError(
            f"no room left on the disk that holds {path}; nothing that was saved before is lost",
            "free some space and run the command again: it goes on where it stopped",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return GalleryBusyError(f"the gallery {path} is in use by another process", "try again when that one has ended")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return damaged(path, str(error))
    if name.startswith("SQLITE_READONLY"):
        return GalleryError(f"the gallery {path} cannot be written: {error}", "check the permissions of the file and its folder")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return GalleryError(f"the gallery {path} cannot be opened: {error}", "check the permissions of the file and its folder")
    if name.startswith("SQLITE_IOERR"):
        return GalleryError(f"the disk that holds {path} failed: {error}", "check the disk; nothing that was saved before is changed")
    return GalleryError(f"the gallery {path} refused a statement: {error}", "this is a fault of the program; please report it")


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < 65536
    except OSError:
        return False


def damaged(path: Path, detail: str) -> GalleryError:
    """The error for a gallery whose content is damaged."""
    return GalleryError(
        f"the gallery {path} is damaged ({detail})",
        "put a copy of it from your own backup in its place (NAME.vN.bak was made before an update); facelib doctor says more",
    )


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Raise an ``sqlite3.Error`` of the ``with`` block as its :func:`gallery_error`."""
    try:
        yield
    except sqlite3.Error as error:
        raise gallery_error(error, path) from error


class Cursor(sqlite3.Cursor):
    """A cursor that raises errors with a sentence and advice."""

    connection: Connection

    def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        try:
            super().execute(sql, parameters)
        except sqlite3.Error as error:
            raise gallery_error(error, self.connection.path) from error
        return self

    def executemany(self, sql: str, rows: Iterable[Any]) -> Cursor:
        try:
            super().executemany(sql, rows)
        except sqlite3.Error as error:
            raise gallery_error(error, self.connection.path) from error
        return self

    def executescript(self, sql: str) -> Cursor:
        raise RuntimeError("executescript commits the open transaction; execute single statements")

    def fetchone(self) -> Any:
        with translated_errors(self.connection.path):
            return super().fetchone()

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        with translated_errors(self.connection.path):
            return super().fetchmany(size)

    def fetchall(self) -> list[Any]:
        with translated_errors(self.connection.path):
            return super().fetchall()

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.Error as error:
            raise gallery_error(error, self.connection.path) from error


class Connection(sqlite3.Connection):
    """A connection in autocommit mode; :class:`facelib.store.gallery.Gallery` begins transactions explicitly."""

    path: Path = Path()

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        return Cursor(self).execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Any]) -> Cursor:
        return Cursor(self).executemany(sql, rows)

    def executescript(self, sql: str) -> Cursor:
        raise RuntimeError("executescript commits the open transaction; execute single statements")

    def value(self, sql: str, parameters: Any = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.execute(sql, parameters).fetchone()
        return None if row is None else row[0]


def connect(path: Path, options: str) -> Connection:
    """Open a database by URI options such as ``mode=ro``; errors name ``path``.

    Raises
    ------
    GalleryError, GalleryBusyError
    """
    with translated_errors(path):
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?{options}", uri=True, isolation_level=None, factory=Connection, timeout=BUSY_TIMEOUT_MS / 1000
        )
    db.path = path
    try:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA trusted_schema = OFF")
    except FacelibError:
        db.close()
        raise
    return db
