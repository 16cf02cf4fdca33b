"""The gallery: one SQLite file with what users said (given) and what the program found (derived)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from facelib.errors import GalleryError, InputError
from facelib.model_zoo import registry
from facelib.store import choices, gallery_file, schema
from facelib.store.connection import Connection, connect
from facelib.store.lock import WriterLock
from facelib.store.migrations import migrate


class Gallery:
    """An open gallery, to be used in a ``with`` statement. Open one with :meth:`read` or :meth:`write`.

    Attributes
    ----------
    path : Path
    writable : bool
    db : Connection
        For modules of the store only.
    """

    def __init__(self, path: Path, db: Connection, lock: WriterLock | None) -> None:
        self.path = path
        self.db = db
        self.writable = lock is not None
        self._lock = lock

    @classmethod
    def read(cls, path: Path | str) -> Gallery:
        """Open for reading, also while another process writes and in a folder that cannot be written.

        Parameters
        ----------
        path : Path or str
            The file, or the folder it is in.

        Raises
        ------
        GalleryError
            If the file does not exist, is not a gallery, is damaged, or is of a newer or older version.
        """
        path = gallery_file.file_path(Path(path))
        gallery_file.check_file(path)
        db = gallery_file.connect_for_reading(path)
        try:
            version = int(db.value("PRAGMA user_version"))
            gallery_file.check_version(path, version)
            if version < schema.OLDEST_READABLE:
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
        """Open for writing, as the only writer. A gallery that does not exist is made, one of an older version is migrated.

        A new gallery gets the program's default models; they stay its models until the user chooses others.

        Parameters
        ----------
        path : Path or str
            The file, or the folder it is in.
        holder : str
            The name of the writer, such as ``facelib index``. Other processes that want to write show it.
        create : bool
            Whether to make a gallery that does not exist; without it that is an error.

        Raises
        ------
        GalleryBusyError
            If another process holds the writer lock.
        GalleryError
            As :meth:`read`, and if the gallery cannot be made or migrated.
        """
        path = gallery_file.file_path(Path(path))
        if not path.exists() and not create:
            raise gallery_file.absent(path)
        gallery_file.make_folder(path.parent)
        if path.exists():
            gallery_file.check_file(path)
        lock = WriterLock(path, holder)
        try:
            if not path.exists():
                gallery_file.create(path)
            gallery_file.check_file(path)
            db = connect(path, "mode=rw")
            try:
                gallery_file.check_version(path, int(db.value("PRAGMA user_version")))
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                os.chmod(path, 0o600)
                migrate(db)
                choices.pin_defaults(db)
            except BaseException:
                db.close()
                raise
        except OSError as error:
            lock.release()
            raise gallery_file.os_error(path, error) from error
        except BaseException:
            lock.release()
            raise
        return cls(path, db, lock)

    def close(self) -> None:
        """Close the file, undo an open transaction and release the lock. A second call does nothing."""
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
        """Begin a transaction; commit it at the end of the ``with`` block, undo it if the block raises.

        Raises
        ------
        RuntimeError
            If a transaction is open already, or the gallery is open for reading only.
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
        """As :meth:`transaction`, but inside an open transaction use a savepoint: a failing block is undone alone."""
        if not self.db.in_transaction:
            with self.transaction():
                yield
            return
        self.db.execute("SAVEPOINT atomic")
        with self._ending("RELEASE atomic", "ROLLBACK TO atomic"):
            yield

    @contextmanager
    def _ending(self, commit: str, rollback: str) -> Iterator[None]:
        try:
            yield
            self.db.execute(commit)
        except BaseException:
            # After some errors, such as a full disk, SQLite has rolled back by itself.
            if self.db.in_transaction:
                self.db.execute(rollback)
                if rollback.startswith("ROLLBACK TO"):
                    self.db.execute(commit)
            raise

    def models(self) -> dict[str, str]:
        """The name of the model for each task."""
        return choices.chosen_models(self.db)

    def use_model(self, task: str, name: str) -> None:
        """Choose the model for a task. The next ``index`` processes again what that model produces.

        Raises
        ------
        InputError
            If there is no such model, or it is for another task.
        """
        if registry.card(name).task != task:
            raise InputError(f"the model '{name}' is for {registry.card(name).task}, not for {task}")
        with self.atomic():
            choices.choose_model(self.db, task, name)

    def note(self, key: str) -> str | None:
        """The value that :meth:`set_note` stored under a key, or None."""
        value: str | None = self.db.value("SELECT value FROM notes WHERE key = ?", (key,))
        return value

    def set_note(self, key: str, value: str) -> None:
        """Store a derived value, such as the digest of the inputs of a whole-library stage."""
        with self.atomic():
            self.db.execute("INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))
