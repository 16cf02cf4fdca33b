"""The gallery: one SQLite file with what people said and what machines found."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from facelib.errors import GalleryError, InputError
from facelib.model_zoo import registry
from facelib.store import schema
from facelib.store.connection import Connection, connect, damaged
from facelib.store.lock import WriterLock
from facelib.store.migrations import migrate, sync

FILE_NAME = "gallery.sqlite"


class Gallery:
    """An open gallery; a context manager. Made by :meth:`read` or :meth:`write`.

    Attributes
    ----------
    path : Path
    writable : bool
    db : Connection
        Used only inside the store.
    """

    def __init__(self, path: Path, db: Connection, lock: WriterLock | None) -> None:
        self.path = path
        self.db = db
        self.writable = lock is not None
        self._lock = lock

    @classmethod
    def read(cls, path: Path | str) -> Gallery:
        """Open for reading; works while another process writes, and in a folder that may not be written.

        Raises
        ------
        GalleryError
            If there is none, or it is no gallery, damaged, of a newer or of an older version.
        """
        path = _file_of(Path(path))
        _check_file(path)
        db = _connect_for_reading(path)
        try:
            version = int(db.value("PRAGMA user_version"))
            _check_version(path, version)
            if version < schema.VERSION:
                raise GalleryError(
                    f"the gallery {path} is of version {version}, this program reads version {schema.VERSION}",
                    "run facelib index once: it updates the gallery and keeps a backup",
                )
        except BaseException:
            db.close()
            raise
        return cls(path, db, None)

    @classmethod
    def write(cls, path: Path | str, holder: str, create: bool = True) -> Gallery:
        """Open for writing, as the only writer; makes the gallery, or brings it up to date, where needed.

        Parameters
        ----------
        holder : str
            What is told to others who want to write meanwhile, such as ``facelib index``.

        Raises
        ------
        GalleryBusyError
            If another process holds the writer lock.
        GalleryError
            As :meth:`read`, but an older gallery is migrated; and if it cannot be made.
        """
        path = _file_of(Path(path))
        if not path.exists() and not create:
            raise _absent(path)
        _make_folder(path.parent)
        if path.exists():
            _check_file(path)
        lock = WriterLock(path, holder)
        try:
            if not path.exists():
                _create(path)
            _check_file(path)
            db = connect(path, "mode=rw")
            try:
                _check_version(path, int(db.value("PRAGMA user_version")))
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                os.chmod(path, 0o600)
                migrate(db)
            except BaseException:
                db.close()
                raise
        except OSError as error:
            lock.release()
            raise _os_error(path, error) from error
        except BaseException:
            lock.release()
            raise
        return cls(path, db, lock)

    def close(self) -> None:
        """Close the file, undo an open transaction, give back the lock. A second call does nothing."""
        try:
            self.db.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> Gallery:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is kept, or none of it.

        Raises
        ------
        RuntimeError
            If one is open already, or the gallery is open for reading only.
        """
        if self.db.in_transaction:
            raise RuntimeError("a transaction is open already")
        if not self.writable:
            raise RuntimeError("the gallery is open for reading only")
        self.db.execute("BEGIN IMMEDIATE")
        with self._ending("COMMIT", "ROLLBACK"):
            yield

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """As :meth:`transaction`, but inside an open one it is a part of that: undone alone if it fails, kept with the whole."""
        if not self.db.in_transaction:
            with self.transaction():
                yield
            return
        self.db.execute("SAVEPOINT part")
        with self._ending("RELEASE part", "ROLLBACK TO part"):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see the gallery of one instant, whatever a writer does meanwhile."""
        if self.db.in_transaction:
            raise RuntimeError("a transaction is open already")
        self.db.execute("BEGIN")
        try:
            yield
        finally:
            self.db.execute("ROLLBACK")

    @contextmanager
    def _ending(self, good: str, bad: str) -> Iterator[None]:
        try:
            yield
            self.db.execute(good)
        except BaseException:
            # SQLite itself undoes everything after some errors, a full disk among them.
            if self.db.in_transaction:
                self.db.execute(bad)
                if bad.startswith("ROLLBACK TO"):
                    self.db.execute(good)
            raise

    def models(self) -> dict[str, str]:
        """Name of the model in use for each task."""
        chosen = dict(self.db.execute("SELECT task, model FROM choices"))
        return {task: chosen.get(task, default) for task, default in registry.DEFAULTS.items()}

    def use_model(self, task: str, name: str) -> None:
        """Choose the model of a task; what it changes is worked on at the next ``index``.

        Raises
        ------
        InputError
            If there is no such model, or it is for another task.
        """
        if registry.card(name).task != task:
            raise InputError(f"the model '{name}' is for {registry.card(name).task}, not for {task}")
        with self.atomic():
            self.db.execute("INSERT INTO choices VALUES (?, ?) ON CONFLICT DO UPDATE SET model = excluded.model", (task, name))

    def note(self, key: str) -> str | None:
        """What :meth:`set_note` kept, or None."""
        value: str | None = self.db.value("SELECT value FROM notes WHERE key = ?", (key,))
        return value

    def set_note(self, key: str, value: str) -> None:
        """Keep a derived fact, such as the digest of a whole-library stage's inputs."""
        with self.atomic():
            self.db.execute("INSERT INTO notes VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))

    def drop_derived(self) -> None:
        """Forget all that machines found; what people said, and which ids were used, stays."""
        with self.atomic():
            tables = schema.tables(schema.derived_statements())
            used = self.db.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
            for table in reversed(tables):
                self.db.execute(f"DROP TABLE {table}")
            for statement in schema.derived_statements():
                self.db.execute(statement)
            # The log of changes names observations: an id must never come to mean another one.
            self.db.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (row for row in used if row[0] in tables))


def _file_of(path: Path) -> Path:
    return path / FILE_NAME if path.is_dir() else path


def _absent(path: Path) -> GalleryError:
    return GalleryError(f"there is no gallery at {path}", "make one with: facelib index FOLDER")


def _os_error(path: Path, error: OSError) -> GalleryError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return GalleryError(f"no room left on the disk that holds {path}; nothing is lost", "make room and run the command again")
    return GalleryError(f"the gallery {path} cannot be used: {error.strerror or error}", "check the permissions of the file and its folder")


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise GalleryError(f"the folder {folder} cannot be made: {error.strerror}", "choose another place with --gallery") from error


def _check_file(path: Path) -> None:
    """Look at the first bytes, before SQLite does, so that a file of another kind is never touched."""
    try:
        with open(path, "rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise _absent(path) from None
    except OSError as error:
        raise _os_error(path, error) from error
    if header[:16] != b"SQLite format 3\0" or len(header) < 100:
        raise GalleryError(f"{path} is not a gallery (not an SQLite file)", "choose another place with --gallery")
    if int.from_bytes(header[68:72], "big") != schema.APPLICATION_ID:
        raise GalleryError(f"{path} is a database of another program", "choose another place with --gallery")
    page = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65536 if page == 1 else page)
    wal = path.with_name(path.name + "-wal")
    if size < expected and header[24:28] == header[92:96] and not (wal.exists() and wal.stat().st_size):
        raise damaged(path, f"truncated: {size} of {expected} bytes are there")


def _check_version(path: Path, version: int) -> None:
    if version > schema.VERSION:
        raise GalleryError(
            f"the gallery {path} is of version {version}, made by a newer facelib; this one knows version {schema.VERSION}",
            "update facelib; the gallery is unchanged",
        )
    if version < 1:
        raise damaged(path, "it has no version")


def _connect_for_reading(path: Path) -> Connection:
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
    # Reading a WAL database makes a file beside it. Where the folder forbids that nobody can be writing either.
    return connect(path, "mode=ro&immutable=1")


def _create(path: Path) -> None:
    """Make an empty gallery beside its place, then move it there: half a gallery never exists. Needs the lock."""
    half = path.with_name(path.name + ".new")
    _remove(half)
    os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        db = connect(half, "mode=rw")
        try:
            # No write-ahead log yet: what is left in one on a full disk would be lost with the move.
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            db.execute("BEGIN IMMEDIATE")
            for statement in (*schema.given_statements(), *schema.derived_statements()):
                db.execute(statement)
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
    """Delete a database and what SQLite keeps beside it, if there is any."""
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
