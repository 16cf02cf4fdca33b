"""A gallery of three people, two of them named, for the tests of the commands that correct people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from facelib.model_zoo import registry
from facelib.records import Face, Sighting
from facelib.store import clusters
from facelib.store.gallery import Gallery
from facelib.store.observations import put_embeddings, replace_observations
from facelib.store.people import name_cluster
from facelib.store.photos import FileRow, photo_by_sha, put_files
from tests.synthetic import around, unit

Run = Callable[..., object]
SEEN = {"a": [0, 1], "b": [0, 1], "c": [0], "d": [1, 2], "e": [2], "f": [2]}
"""Photos and the people they show: 0 is Ana (c1), 1 is Ben (c2), 2 is unnamed (c3)."""


def sha_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def write_gallery(path: Path, pictures: Path) -> None:
    """Write the gallery; observations are numbered in the order of :data:`SEEN`."""
    card = registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER])
    rng = np.random.default_rng(0)
    centres = unit(rng.normal(size=(3, card.dimension)))
    with Gallery.write(path, "test") as gallery:
        for name, seen in SEEN.items():
            put_files(gallery, [FileRow(str(pictures / f"{name}.jpg"), 1, 1, sha_of(name))])
            photo = photo_by_sha(gallery, sha_of(name))
            assert photo is not None
            boxes = [(300.0 * k, 0.0, 300.0 * k + 100, 100.0) for k in range(len(seen))]
            sightings = [Sighting(Face(box, 0.99, np.zeros((5, 2), np.float32), 0.9), None) for box in boxes]
            ids = replace_observations(gallery, photo.id, sightings)
            put_embeddings(gallery, "face", card.digest, ids, around(rng, centres[seen], 0.3))
            clusters.put_clustering(gallery, ids, [k + 1 for k in seen], [k + 1 for k in seen])
        name_cluster(gallery, 1, "Ana")
        name_cluster(gallery, 2, "Ben")


def names_on(run: Run, photo: str) -> list[str | None]:
    """The people of a photo, as export writes them."""
    lines = [json.loads(line) for line in run("export", "json").out.splitlines()]
    (found,) = [line for line in lines if line["photo"].endswith(f"/{photo}.jpg")]
    return [one["person"]["name"] if one["person"] else None for one in found["observations"]]


def state(path: Path) -> list[list[tuple]]:
    """The tables that corrections change."""
    with Gallery.read(path) as gallery:
        return [gallery.db.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall() for t in ("people", "verdicts", "changes", "memberships")]
