"""A library of files without pictures: what would be seen in each is told by its text, so runs need no network at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from facelib.errors import PhotoError
from facelib.model_zoo import registry
from facelib.records import Body, Capture, Face, Sighting
from facelib.stages.setup import Setup
from facelib.stages.worker import Job, Seen
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


def look(job: Job, model: int = 0) -> Seen:
    """What a worker would answer for such a file; ``model`` stands for the embedder."""
    facts = json.loads(Path(job.path).read_text())
    if facts["fault"]:
        return Seen(error=PhotoError(facts["fault"], "as the file says"))
    sightings = tuple(_sighting(person, place, facts["number"], model) for place, person in enumerate(facts["people"]))
    return Seen(1000, 800, Capture(), sightings)


def work_here(
    seen: Callable[[Job], Seen] = look, before: Callable[[Job], None] = lambda job: None
) -> Callable[..., Generator[tuple[Any, Seen], None, None]]:
    """A stand-in for ``crew.work`` in this very process; ``before`` may raise, as a kill would."""

    def work(setup: Setup, jobs: Iterable[tuple[Any, Job]], workers: int, timeout: float) -> Generator[tuple[Any, Seen], None, None]:
        for key, job in jobs:
            before(job)
            yield key, seen(job)

    return work


def _sighting(person: int, place: int, number: int, model: int) -> Sighting:
    rng = np.random.default_rng([number, place, model])
    centre = unit(np.random.default_rng([person, model, 7]).normal(size=FACE_SIZE))
    clothes = unit(np.random.default_rng([person, 11]).random(BODY_SIZE))
    x = 30.0 + 200 * place
    face = Face((x, 50.0, x + 90, 150.0), 0.99, np.linspace(x, x + 90, 10, dtype=np.float32).reshape(5, 2), 0.95)
    body = Body((x - 25, 150.0, x + 115, 400.0), 0.0)
    return Sighting(face, body, around(rng, centre[None], 0.35)[0], around(rng, clothes[None], 0.1)[0])
