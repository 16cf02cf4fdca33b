"""A library of files without pictures: what would be seen in each is told by its text, so runs need no network at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from facelib.errors import PhotoError
from facelib.look import Look
from facelib.model_zoo import registry
from facelib.photos.fingerprint import fingerprint
from facelib.records import Body, Capture, Face, Sighting
from facelib.stages.setup import Setup
from facelib.stages.worker import Job
from facelib.thresholds import Thresholds
from tests.synthetic import around, unit

FACE_SIZE = registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER]).dimension
BODY_SIZE = registry.card("colour-texture").dimension

# Distances on the sphere: faces of one person lie about 0.1 apart, strangers 1.0.
THRESHOLDS = Thresholds().override(
    {"group_threshold": 0.2, "linkage_threshold": 0.4, "certain_distance": 0.3, "likely_distance": 0.4, "sparsity": 0.05}
)
SETUP = Setup(dict(registry.DEFAULTS), THRESHOLDS)


def write_photo(path: Path, people: Iterable[int], number: int, faults: str = "") -> None:
    """A file that "shows" these people, from left to right; ``number`` makes its content unique."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"people": list(people), "number": number, "fault": faults}))


def look_at(path: Path, model: int = 0) -> Look:
    """What a look at such a file gives; ``model`` stands for the embedder."""
    facts, read = json.loads(path.read_text()), fingerprint(path)
    if facts["fault"]:
        return Look(read.sha256, read.size, read.mtime_ns, error=PhotoError(facts["fault"], "as the file says"))
    sightings = tuple(sighting(person, place, facts["number"], model) for place, person in enumerate(facts["people"]))
    return Look(read.sha256, read.size, read.mtime_ns, 1000, 800, Capture(), sightings)


def look(job: Job, model: int = 0) -> Look:
    """What a worker would answer for such a file."""
    return look_at(Path(job.path), model)


def work_here(
    seen: Callable[[Job], Look] = look, before: Callable[[Job], None] = lambda job: None
) -> Callable[..., Generator[tuple[Any, Look], None, None]]:
    """A stand-in for ``worker_pool.work`` in this very process; ``before`` may raise, as a kill would."""

    def work(setup: Setup, jobs: Iterable[tuple[Any, Job]], workers: int, timeout: float) -> Generator[tuple[Any, Look], None, None]:
        for key, job in jobs:
            before(job)
            yield key, seen(job)

    return work


def sighting(person: int, place: int, number: int, model: int = 0) -> Sighting:
    """This person, the ``place``-th from the left in photo ``number``, with the embeddings of an embedder ``model``."""
    rng = np.random.default_rng([number, place, model])
    centre = unit(np.random.default_rng([person, model, 7]).normal(size=FACE_SIZE))
    clothes = unit(np.random.default_rng([person, 11]).random(BODY_SIZE))
    x = 30.0 + 200 * place
    face = Face((x, 50.0, x + 90, 150.0), 0.99, np.linspace(x, x + 90, 10, dtype=np.float32).reshape(5, 2), 0.95)
    body = Body((x - 25, 150.0, x + 115, 400.0), 0.0)
    return Sighting(face, body, around(rng, centre[None], 0.35)[0], around(rng, clothes[None], 0.1)[0])
