"""The per-photo pass: detect and embed what is due, decoding each photo once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.records import Sighting
from facelib.stages import detect, worker_pool
from facelib.stages.setup import Setup
from facelib.stages.stage import Progress
from facelib.stages.worker import Job, Seen
from facelib.store import ledger, observations, photos
from facelib.store.gallery import Gallery
from facelib.store.ledger import Due

NAME = "photos"

BATCH_PHOTOS = 32
BATCH_SECONDS = 2.0


@dataclass
class Tally:
    """What a pass did, counted in photos."""

    due: int = 0
    done: int = 0
    failed: int = 0
    faces: int = 0


def due(gallery: Gallery, setup: Setup, roots: Sequence[str] | None = None) -> list[Due]:
    """The photos some stage has not been done for under the recipes in force."""
    in_force = setup.photo_recipes()
    return ledger.due(gallery, in_force, tuple(in_force), roots)


def run(
    gallery: Gallery, setup: Setup, work: Sequence[Due], tally: Tally, workers: int, timeout: float, deadline: float | None = None
) -> Iterator[Progress]:
    """Work on the photos that are due and commit them in small batches, each with its rows of the ledger.

    Killed at any moment, at most one batch is redone. No photo is begun after ``deadline`` (``time.monotonic()``).
    """
    in_force = setup.photo_recipes()
    tally.due = len(work)
    batch: list[tuple[Due, Seen]] = []
    since = time.monotonic()
    answers = worker_pool.work(setup, _jobs(gallery, work, deadline), workers, timeout)
    yield Progress(NAME, 0, tally.due, "loading the models")
    try:
        for item, seen in answers:
            batch.append((item, seen))
            tally.failed += seen.error is not None
            tally.done += seen.error is None
            tally.faces += sum(sighting.face is not None for sighting in seen.sightings)
            if len(batch) >= BATCH_PHOTOS or time.monotonic() - since > BATCH_SECONDS:
                _commit(gallery, setup.models, in_force, batch)
                batch, since = [], time.monotonic()
            yield Progress(NAME, tally.done + tally.failed, tally.due, f"{tally.faces} faces")
    finally:
        # Also on Ctrl-C: what was seen is kept.
        _commit(gallery, setup.models, in_force, batch)
        answers.close()


def _jobs(gallery: Gallery, work: Sequence[Due], deadline: float | None) -> Iterator[tuple[Due, Job]]:
    for item in work:
        if deadline is not None and time.monotonic() > deadline:
            return
        known: Sequence[Sighting] = ()
        if detect.NAME not in item.stages:
            _, known = observations.sightings_of(gallery, item.photo.id)
        yield item, Job(item.photo.path, item.stages, tuple(known))


def _commit(gallery: Gallery, models: Mapping[str, str], in_force: Mapping[str, str], batch: Sequence[tuple[Due, Seen]]) -> None:
    if not batch:
        return
    with gallery.transaction():
        for item, seen in batch:
            photo = item.photo.id
            if seen.error is not None:
                # The stage that failed is the first one due; those after it wait for it.
                ledger.record(gallery, photo, item.stages[0], in_force[item.stages[0]], seen.error)
                continue
            photos.set_picture(gallery, photo, seen.width, seen.height, seen.capture)
            if detect.NAME in item.stages:
                ids = observations.replace_observations(gallery, photo, seen.sightings)
            else:
                ids, _ = observations.sightings_of(gallery, photo)
            _put_vectors(gallery, models, ids, seen.sightings)
            for stage in item.stages:
                ledger.record(gallery, photo, stage, in_force[stage], None)


def _put_vectors(gallery: Gallery, models: Mapping[str, str], ids: Sequence[int], sightings: Sequence[Sighting]) -> None:
    for kind, task in (("face", registry.FACE_EMBEDDER), ("body", registry.BODY_EMBEDDER)):
        pairs = [(i, v) for i, s in zip(ids, sightings, strict=True) if (v := getattr(s, f"{kind}_embedding")) is not None]
        if pairs:
            digest = registry.card(models[task]).digest
            observations.put_embeddings(gallery, kind, digest, [i for i, _ in pairs], np.stack([v for _, v in pairs]))
