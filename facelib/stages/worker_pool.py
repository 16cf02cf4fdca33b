"""The worker processes of a run; their results come in the order of the jobs."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, TimeoutError
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from facelib.errors import PhotoError
from facelib.look import Look
from facelib.stages import worker
from facelib.stages.setup import Setup
from facelib.stages.worker import Job

Key = TypeVar("Key")

AHEAD = 3
"""Jobs that are scheduled for each worker before the first of them is done."""


def work(
    setup: Setup, jobs: Iterable[tuple[Key, Job]], workers: int, timeout: float, do: Callable[[Job], Look] = worker.do
) -> Generator[tuple[Key, Look]]:
    """Do jobs in ``workers`` processes and yield the results in order, so that equal runs give equal galleries.

    The result of a photo that takes more than ``timeout`` seconds, or whose process dies, is an error of the content that the job names;
    the process is replaced.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(max_workers=workers, initializer=worker.start, initargs=(setup, os.getpid()), context=context)
    waiting: deque[tuple[Key, Job, Future[Look]]] = deque()
    try:
        for key, job in jobs:
            waiting.append((key, job, pool.schedule(do, args=[job], timeout=timeout)))
            if len(waiting) >= AHEAD * workers:
                yield _result(*waiting.popleft(), timeout)
        while waiting:
            yield _result(*waiting.popleft(), timeout)
        pool.close()
    finally:
        pool.stop()
        pool.join()


def _result(key: Key, job: Job, future: Future[Look], timeout: float) -> tuple[Key, Look]:
    try:
        return key, future.result()
    except TimeoutError:
        return key, Look(job.sha256, error=PhotoError("timeout", f"took longer than {timeout:g} seconds"))
    except ProcessExpired as error:
        return key, Look(job.sha256, error=PhotoError("crashed", f"the worker died with exit code {error.exitcode}"))
