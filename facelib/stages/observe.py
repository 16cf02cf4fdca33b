"""The per-photo pass: detect and embed what is due, reading and decoding each photo once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from facelib.errors import PhotoError
from facelib.look import Look
from facelib.photos.fingerprint import CHANGED
from facelib.photos.photo_file import MISSING
from facelib.records import Sighting
from facelib.stages import detect, worker_pool
from facelib.stages.look_storage import store_look
from facelib.stages.setup import Setup
from facelib.stages.stage import Progress
from facelib.stages.worker import Job
from facelib.store import ledger, observations, photos
from facelib.store.gallery import Gallery
from facelib.store.ledger import Due
from facelib.store.photos import FileRow

NAME = "photos"

BATCH_PHOTOS = 32
BATCH_SECONDS = 2.0
PASSING = (CHANGED, MISSING)
"""Errors of files that the next scan settles. They are not counted against the photo. A file that cannot be read for another reason is:
the scan does not read it again, and a photo that is tried in every run would keep a run with a limit from all photos after it."""


@dataclass
class Tally:
    """What a pass did, counted in photos.

    ``displaced`` are ids of photos whose file held another content when it was read than when it was scanned. Only the next scan finds
    where they are now.
    """

    due: int = 0
    done: int = 0
    failed: int = 0
    faces: int = 0
    displaced: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Task:
    """A photo that is due; ``ids`` are its observations where only embeddings are due, else None."""

    due: Due
    ids: tuple[int, ...] | None


def due(gallery: Gallery, setup: Setup, roots: Sequence[str] | None = None) -> list[Due]:
    """The photos for which some stage is not done under the recipes in force."""
    in_force = setup.photo_recipes()
    return ledger.due(gallery, in_force, tuple(in_force), roots)


def run(
    gallery: Gallery, setup: Setup, work: Sequence[Due], tally: Tally, workers: int, timeout: float, deadline: float | None = None
) -> Iterator[Progress]:
    """Work on the photos that are due and commit them in small batches, each with its rows of the ledger.

    Killed at any moment, at most one batch is redone. No photo is begun after ``deadline`` (``time.monotonic()``).

    A result is stored under the hash of the bytes it was made from. If a file no longer holds the content that the scan found in it,
    the gallery records which photo the file holds now, and stores the result for that photo unless it is done already. The expected
    photo stays due.
    """
    tally.due = len(work)
    batch: list[tuple[_Task, Look]] = []
    answered = faces = 0
    since = time.monotonic()
    answers = worker_pool.work(setup, _jobs(gallery, work, deadline), workers, timeout)
    yield Progress(NAME, 0, tally.due, "loading the models")
    try:
        for task, seen in answers:
            batch.append((task, seen))
            answered += 1
            faces += _faces(seen)
            if len(batch) >= BATCH_PHOTOS or time.monotonic() - since > BATCH_SECONDS:
                _commit(gallery, setup, batch, tally)
                batch, since = [], time.monotonic()
            yield Progress(NAME, answered, tally.due, f"{faces} faces")
    finally:
        # Also on Ctrl-C: what was seen is stored.
        _commit(gallery, setup, batch, tally)
        answers.close()


def _faces(seen: Look) -> int:
    return sum(sighting.face is not None for sighting in seen.sightings)


def _jobs(gallery: Gallery, work: Sequence[Due], deadline: float | None) -> Iterator[tuple[_Task, Job]]:
    for item in work:
        if deadline is not None and time.monotonic() > deadline:
            return
        ids: Sequence[int] | None = None
        known: Sequence[Sighting] = ()
        if detect.NAME not in item.stages:
            ids, known = observations.sightings_of(gallery, item.photo.id)
        task = _Task(item, None if ids is None else tuple(ids))
        yield task, Job(item.photo.path, item.photo.sha256, item.stages, tuple(known))


def _commit(gallery: Gallery, setup: Setup, batch: Sequence[tuple[_Task, Look]], tally: Tally) -> None:
    if not batch:
        return
    with gallery.transaction():
        for task, seen in batch:
            if seen.sha256 is None and seen.error is not None and seen.error.kind in PASSING:
                _put_file_error(gallery, task.due.photo.path, seen.error)
                tally.failed += 1
            elif seen.sha256 is None or seen.sha256 == task.due.photo.sha256:
                _put(gallery, setup, task.due.photo.id, seen, task, tally)
            else:
                tally.displaced.add(task.due.photo.id)
                photo_id = _put_content(gallery, task.due.photo.path, seen)
                if not ledger.is_done(gallery, photo_id, setup.photo_recipes()):
                    _put(gallery, setup, photo_id, seen, None, tally)


def _put(gallery: Gallery, setup: Setup, photo_id: int, seen: Look, task: _Task | None, tally: Tally) -> None:
    """Store the result for a photo; ``task`` is None where the photo is not the one that the job named."""
    recipes = setup.photo_recipes()
    if seen.error is not None:
        # The stage that failed is the first one due; those after it wait for it.
        stage = next(iter(recipes)) if task is None else task.due.stages[0]
        ledger.record(gallery, photo_id, stage, recipes[stage], seen.error)
        tally.failed += 1
        return
    ids = None if task is None else task.ids
    if ids is not None and ids != tuple(observations.sightings_of(gallery, photo_id)[0]):
        return  # Its observations have changed meanwhile. The photo is still due; the next run embeds those of then.
    store_look(gallery, setup, photo_id, seen, ids)
    tally.done += 1
    tally.faces += _faces(seen)


def _put_content(gallery: Gallery, path: str, seen: Look) -> int:
    """Store which content a file holds now; returns the id of its photo."""
    assert seen.sha256 is not None, "a file that was read has a hash"
    photos.put_files(gallery, [FileRow(path, seen.size, seen.mtime_ns, seen.sha256)])
    stored = photos.photo_by_sha(gallery, seen.sha256)
    assert stored is not None, "the file was just put"
    return stored.id


def _put_file_error(gallery: Gallery, path: str, error: PhotoError) -> None:
    """Note that a file was not there, or changed while it was read. Its photo stays due, however often that happens."""
    known = photos.known_files(gallery, [path]).get(path)
    if known is not None:
        photos.put_files(gallery, [FileRow(path, known.size, known.mtime_ns, known.sha256, error)])
