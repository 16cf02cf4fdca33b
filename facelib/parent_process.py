"""Processes that end when their parent process ends, even if it is killed and cannot stop them itself."""

from __future__ import annotations

import os
import threading
import time


def leave_with(parent: int) -> None:
    """Watch the process ``parent`` (an id), which started this one, from a thread; end this process within a second after it ends."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
