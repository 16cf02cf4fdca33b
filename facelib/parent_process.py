"""Processes that end with the one that started them, also where that one is killed and can tell nobody."""

from __future__ import annotations

import os
import threading
import time


def leave_with(parent: int) -> None:
    """End this process soon after the process ``parent``, which started it, is gone; watched by a thread of its own."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
