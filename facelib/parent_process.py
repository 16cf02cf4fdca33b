"""Processes that end when their parent process ends, even if it is killed and cannot stop them itself."""

from __future__ import annotations

import os
import threading
import time


def exit_with_parent(parent: int) -> None:
    """Watch the parent process from a thread, and end this process within a second after the parent ends.

    Parameters
    ----------
    parent : int
        Process id of the parent, which the parent passes: it may have ended before this process can ask.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
