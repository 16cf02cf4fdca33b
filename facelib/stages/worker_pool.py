"""The worker processes of a run, and the photos they are given, answered in the order they were asked."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, TimeoutError
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from facelib.errors import PhotoError
from facelib.stages import worker
from facelib.stages.setup import Setup
from facelib.stages.worker import Job, Seen

Key = TypeVar("Key")

AHEAD = 3


def work(
    setup: Setup, jobs: Iterable[tuple[Key, Job]], workers: int, timeout: float, look: Callable[[Job], Seen] = worker.look
) -> Generator[tuple[Key, Seen]]:
    """Do jobs in ``workers`` processes and yield their answers in order, so that a run repeats itself exactly.

    A photo that outlasts ``timeout`` seconds, or whose process dies, is answered by an error; the process is replaced.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(max_workers=workers, initializer=worker.start, initargs=(setup, os.getpid()), context=context)
    waiting: deque[tuple[Key, Future[Seen]]] = deque()
    try:
        for key, job in jobs:
            waiting.append((key, pool.schedule(look, args=[job], timeout=timeout)))
            if len(waiting) >= AHEAD * workers:
                yield _answer(*waiting.popleft(), timeout)
        while waiting:
            yield _answer(*waiting.popleft(), timeout)
        pool.close()
    finally:
        pool.stop()
        pool.join()


def _answer(key: Key, future: Future[Seen], timeout: float) -> tuple[Key, Seen]:
    try:
        return key, future.result()
    except TimeoutError:
        return key, Seen(error=PhotoError("timeout", f"took longer than {timeout:g} seconds"))
    except ProcessExpired as error:
        return key, Seen(error=PhotoError("crashed", f"the worker died with exit code {error.exitcode}"))
