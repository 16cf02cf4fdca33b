"""The writer lock of a gallery: a lock file that names its holder."""

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

_locks: weakref.WeakSet[WriterLock] = weakref.WeakSet()
_fork_hook: list[bool] = []


class WriterLock:
    """An exclusive ``flock`` on ``<gallery>.lock``.

    The kernel releases the lock when the process ends, even when it is killed, so what an ended process wrote into the file does not
    matter. The file is not deleted when the lock is released: else two processes could lock two files of the same name.
    """

    def __init__(self, gallery: Path, holder: str) -> None:
        """Take the lock, without waiting for it.

        Raises
        ------
        GalleryBusyError
            If another process holds the lock; the message names the holder, its process and since when.
        GalleryError
            If the file cannot be made or the file system cannot lock it.
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
            holder_of_lock = self._content()
            os.close(self._fd)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise _busy(gallery, holder_of_lock) from None
            raise GalleryError(f"the file system cannot lock {self.path}: {error.strerror}", "keep the gallery on a local disk") from error
        try:
            os.fchmod(self._fd, 0o600)
            content = {"pid": os.getpid(), "holder": holder, "since": now(), "host": socket.gethostname()}
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, json.dumps(content).encode(), 0)
        except OSError:
            # On a full disk the lock works all the same; it only cannot name its holder.
            pass
        self._open = True
        _locks.add(self)
        if not _fork_hook:
            # A forked worker shares the lock. If it did not close it, the lock would outlive the parent.
            os.register_at_fork(after_in_child=_close_all)
            _fork_hook.append(True)

    def release(self) -> None:
        """Release the lock; a second call does nothing."""
        if not self._open:
            return
        self._open = False
        _locks.discard(self)
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
    for lock in list(_locks):
        lock._drop_in_child()
    _locks.clear()


def _busy(gallery: Path, holder: dict[str, Any]) -> GalleryBusyError:
    if not holder:
        return GalleryBusyError(f"the gallery {gallery} is being written by another process", "try again when that one has ended")
    where = "" if holder.get("host") == socket.gethostname() else f" on {holder.get('host')}"
    return GalleryBusyError(
        f"the gallery {gallery} is being written by '{holder.get('holder')}' "
        f"(process {holder.get('pid')}{where}, since {holder.get('since')})",
        "try again when it has ended; reading commands work meanwhile",
    )
