"""What one worker process does: decode a photo once and run the stages that are due on it.

Photos are worked on in processes of their own, so that a decoder that crashes, hangs or eats all memory costs one
photo and not the run.
"""

from __future__ import annotations

import signal
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facelib.errors import FacelibError, PhotoError
from facelib.parent_process import leave_with
from facelib.photos.capture_time import read_capture
from facelib.photos.decode import decode
from facelib.records import Capture, Sighting
from facelib.stages import detect
from facelib.stages.setup import Setup
from facelib.thresholds import Thresholds

if TYPE_CHECKING:
    from facelib.vision.observer import Observer


@dataclass(frozen=True)
class Job:
    """One photo and the stages due on it. ``sightings`` are those the gallery has, where only vectors are due."""

    path: str
    stages: tuple[str, ...]
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What became of a job: a picture's size, capture and sightings, or an error."""

    width: int = 0
    height: int = 0
    capture: Capture | None = None
    sightings: tuple[Sighting, ...] = ()
    error: PhotoError | None = None


_observer: Observer | None = None
_setup: Setup | None = None


def start(setup: Setup, parent: int) -> None:
    """Prepare this process: one observer, kept for all its photos."""
    global _setup
    # Ctrl-C goes to the whole foreground group; only the main process decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # If the main process is killed outright, nobody is left to stop the workers: they watch for it themselves.
    leave_with(parent)
    _setup = setup


def look(job: Job) -> Seen:
    """Do one job. Whatever goes wrong with the photo is part of the answer.

    Raises
    ------
    FacelibError
        What would go wrong with every photo: a device or weights that are not there.
    """
    if _setup is None:
        raise RuntimeError("the worker was not started")
    try:
        return look_with(_the_observer(_setup), job, _setup.thresholds)
    except PhotoError as error:
        return Seen(error=error)
    except MemoryError:
        return Seen(error=PhotoError("memory", "not enough memory to work on this photo"))


def look_with(observer: Observer, job: Job, thresholds: Thresholds) -> Seen:
    """Decode the photo of a job and run its stages with a given observer."""
    try:
        path = Path(job.path)
        picture = decode(path, thresholds.working_side, thresholds.max_pixels)
        sightings = list(job.sightings)
        if detect.NAME in job.stages:
            sightings = observer.detect(picture)
        sightings = observer.embed(picture, sightings)
        if not all(np.isfinite(v).all() for s in sightings for v in (s.face_embedding, s.body_embedding) if v is not None):
            raise PhotoError("bug", "a model gave something that is no number")
        return Seen(picture.width, picture.height, read_capture(path), tuple(sightings))
    except (PhotoError, FacelibError, MemoryError):
        raise
    except RuntimeError as error:
        # torch and OpenVINO report a failed allocation as a RuntimeError.
        kind = "memory" if "alloc" in str(error).lower() or "out of memory" in str(error).lower() else "bug"
        raise PhotoError(kind, _where(error)) from error
    except Exception as error:  # one photo must never end a run
        raise PhotoError("bug", _where(error)) from error


def _where(error: BaseException) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"[:500]


def _the_observer(setup: Setup) -> Observer:
    global _observer
    if _observer is None:
        from facelib.vision.observer import Observer

        _observer = Observer(setup.models, setup.thresholds, setup.device, setup.threads)
    return _observer
