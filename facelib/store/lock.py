"""The one writer of a gallery: a lock file that says who holds it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import weakref
from pathlib import Path
from typing import Any

from facelib.errors import GalleryBusyError, GalleryError
from facelib.store.connection import now

_held: weakref.WeakSet[WriterLock] = weakref.WeakSet()
_fork_hook: list[bool] = []


class WriterLock:
    """An exclusive ``flock`` on ``<gallery>.lock``.

    The kernel releases it when the process ends, however it ends, so what a dead holder wrote into the file is no
    obstacle. The file stays when the lock is released: removing it would let two processes lock two files of one name.
    """

    def __init__(self, gallery: Path, holder: str) -> None:
        """Take the lock at once or not at all.

        Raises
        ------
        GalleryBusyError
            Naming the holder, its process and since when.
        GalleryError
            If the folder or the file system refuses.
        """
        self.path = gallery.with_name(gallery.name + ".lock")
        try:
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise GalleryError(
                f"the gallery {gallery} cannot be written: {error.strerror} ({self.path})", "check the permissions of the folder"
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            held_by = self._content()
            os.close(self._fd)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise _busy(gallery, held_by) from None
            raise GalleryError(f"the file system cannot lock {self.path}: {error.strerror}", "keep the gallery on a local disk") from error
        try:
            os.fchmod(self._fd, 0o600)
            content = {"pid": os.getpid(), "holder": holder, "since": now(), "host": socket.gethostname()}
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, json.dumps(content).encode(), 0)
        except OSError:
            # A full disk: the lock holds all the same, it only cannot say whose it is.
            pass
        self._open = True
        _held.add(self)
        if not _fork_hook:
            # A forked worker shares the lock; without this it would hold it after the death of its parent.
            os.register_at_fork(after_in_child=_close_all)
            _fork_hook.append(True)

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if not self._open:
            return
        self._open = False
        _held.discard(self)
        try:
            os.ftruncate(self._fd, 0)
        finally:
            os.close(self._fd)

    def _content(self) -> dict[str, Any]:
        try:
            content = json.loads(os.pread(self._fd, 4096, 0))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _drop_in_child(self) -> None:
        self._open = False
        os.close(self._fd)


def _close_all() -> None:
    for lock in list(_held):
        lock._drop_in_child()
    _held.clear()


def _busy(gallery: Path, held_by: dict[str, Any]) -> GalleryBusyError:
    if not held_by:
        return GalleryBusyError(f"the gallery {gallery} is being written by another process", "try again when that one has ended")
    where = "" if held_by.get("host") == socket.gethostname() else f" on {held_by.get('host')}"
    return GalleryBusyError(
        f"the gallery {gallery} is being written by '{held_by.get('holder')}' "
        f"(process {held_by.get('pid')}{where}, since {held_by.get('since')})",
        "try again when it has ended; reading commands work meanwhile",
    )
