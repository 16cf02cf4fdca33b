"""The file of a gallery: is it one, of which version, how it is made and opened."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from facelib.errors import GalleryError
from facelib.store import schema
from facelib.store.choices import pin_defaults
from facelib.store.connection import Connection, connect, damaged
from facelib.store.migrations import sync

FILE_NAME = "gallery.sqlite"
"""The file used if a folder is given as the gallery."""


def file_path(path: Path) -> Path:
    """The file of a gallery that is given by its path or by the folder it is in."""
    return path / FILE_NAME if path.is_dir() else path


def absent(path: Path) -> GalleryError:
    """The error for a gallery that does not exist."""
    return GalleryError(f"there is no gallery at {path}", "make one with: facelib index FOLDER")


def os_error(path: Path, error: OSError) -> GalleryError:
    """The error for a gallery that the operating system refuses to open or write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return GalleryError(f"no room left on the disk that holds {path}; nothing is lost", "free some space and run the command again")
    return GalleryError(f"the gallery {path} cannot be used: {error.strerror or error}", "check the permissions of the file and its folder")


def make_folder(folder: Path) -> None:
    """Make the folder of a gallery, accessible to its owner only, if it does not exist.

    Raises
    ------
    GalleryError
        If it cannot be made.
    """
    if folder.is_dir():
        return
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise GalleryError(f"the folder {folder} cannot be made: {error.strerror}", "choose another place with --gallery") from error


def check_file(path: Path) -> None:
    """Check the header of a file before SQLite opens it, so that a file of another kind is never changed.

    Raises
    ------
    GalleryError
        If the file does not exist, cannot be read, is no gallery or is truncated.
    """
    try:
        with open(path, "rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise absent(path) from None
    except OSError as error:
        raise os_error(path, error) from error
    if header[:16] != b"SQLite format 3\0" or len(header) < 100:
        raise GalleryError(f"{path} is not a gallery (not an SQLite file)", "choose another place with --gallery")
    if int.from_bytes(header[68:72], "big") != schema.APPLICATION_ID:
        raise GalleryError(f"{path} is a database of another program", "choose another place with --gallery")
    page = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65536 if page == 1 else page)
    wal = path.with_name(path.name + "-wal")
    if size < expected and header[24:28] == header[92:96] and not (wal.exists() and wal.stat().st_size):
        raise damaged(path, f"truncated: {size} of {expected} bytes are there")


def check_version(path: Path, version: int) -> None:
    """Refuse a gallery of a newer program, or of no version at all.

    Raises
    ------
    GalleryError
    """
    if version > schema.VERSION:
        raise GalleryError(
            f"the gallery {path} is of version {version}, made by a newer facelib; this one knows version {schema.VERSION}",
            "update facelib; the gallery is unchanged",
        )
    if version < 1:
        raise damaged(path, "it has no version")


def connect_for_reading(path: Path) -> Connection:
    """Open a gallery for reading, also in a folder that cannot be written.

    Raises
    ------
    GalleryError
        If it cannot be opened.
    """
    db = connect(path, "mode=ro")
    try:
        db.execute("PRAGMA schema_version").fetchone()
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return db
    except GalleryError:
        db.close()
        wal = path.with_name(path.name + "-wal")
        if os.access(path.parent, os.W_OK) or (wal.exists() and wal.stat().st_size):
            raise
    # To read a database in WAL mode, SQLite makes a file beside it. If the folder forbids that, no other process can be writing.
    return connect(path, "mode=ro&immutable=1")


def create(path: Path) -> None:
    """Make an empty gallery under another name and rename it, so that ``path`` is never an incomplete one. Needs the writer lock."""
    half = path.with_name(path.name + ".new")
    _remove(half)
    os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        db = connect(half, "mode=rw")
        try:
            # No write-ahead log yet: on a full disk, its content would be lost with the rename.
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            db.execute("BEGIN IMMEDIATE")
            for statement in (*schema.given_statements(), *schema.derived_statements()):
                db.execute(statement)
            pin_defaults(db)
            db.execute(f"PRAGMA user_version = {schema.VERSION}")
            db.execute("COMMIT")
        finally:
            db.close()
        sync(half)
        os.rename(half, path)
        sync(path.parent)
    except BaseException:
        _remove(half)
        raise


def _remove(path: Path) -> None:
    """Delete a database and the files that SQLite keeps beside it, those that exist."""
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
