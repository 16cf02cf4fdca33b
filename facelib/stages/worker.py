"""What one worker process does: look at one photo after another, with models that it loads once.

Photos are worked on in processes of their own, so that a decoder that crashes, hangs or needs all memory costs one photo and not the run.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facelib.look import Look, look
from facelib.parent_process import exit_with_parent
from facelib.records import Sighting
from facelib.stages import detect
from facelib.stages.setup import Setup
from facelib.thresholds import Thresholds

if TYPE_CHECKING:
    from facelib.vision.observer import Observer


@dataclass(frozen=True)
class Job:
    """One photo to look at.

    Attributes
    ----------
    path : str
    sha256 : str
        The content that the scan found in the file, 64 hexadecimal digits. The file may hold another one by now.
    stages : tuple of str
        The stages that are due for that content.
    sightings : tuple of Sighting
        Those that the gallery has for that content, where only embeddings are due.
    """

    path: str
    sha256: str
    stages: tuple[str, ...]
    sightings: tuple[Sighting, ...] = ()


_observer: Observer | None = None
_setup: Setup | None = None


def start(setup: Setup, parent: int) -> None:
    """Prepare this process: one observer for all its photos."""
    global _setup
    # Ctrl-C goes to the whole foreground group; only the main process decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # If the main process is killed, it cannot stop its workers: they watch it.
    exit_with_parent(parent)
    _setup = setup


def do(job: Job) -> Look:
    """Do one job. Whatever goes wrong with the photo is the error of the look.

    Raises
    ------
    FacelibError
        What would go wrong with every photo: a device or weights that are not there.
    """
    if _setup is None:
        raise RuntimeError("the worker was not started")
    return do_with(_shared_observer(_setup), job, _setup.thresholds)


def do_with(observer: Observer, job: Job, thresholds: Thresholds) -> Look:
    """Do one job with a given observer. The result is that of the file's present content, even if the job names another one."""
    detected = {} if detect.NAME in job.stages else {job.sha256: job.sightings}
    return look(Path(job.path), observer, thresholds, detected=detected)


def _shared_observer(setup: Setup) -> Observer:
    global _observer
    if _observer is None:
        from facelib.vision.observer import Observer

        _observer = Observer(setup.models, setup.thresholds, setup.device, setup.threads)
    return _observer
