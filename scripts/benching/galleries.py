"""Galleries of made-up people, filled by columns: the benchmarks need many observations, and no photo is decoded for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benching.vectors import random_centres, scatter
from facelib.model_zoo.registry import ModelCard
from facelib.records import Capture, Face, Sighting
from facelib.store import clusters, observations, people
from facelib.store.gallery import Gallery
from facelib.store.photos import FileRow, photos, put_files, set_picture

PASSERBY_SHARE = 0.2
"""Share of the observations that are of people seen only once or twice."""
SPREAD = 0.33
"""Two faces of one person are about 0.1 apart."""
DAY, PHOTOS_PER_MOMENT = 86400.0, 5


def zipf_people(rng: np.random.Generator, people: int, count: int, offset: float = 1.0) -> np.ndarray:
    """The person of each of ``count`` observations, from 0 on; person k is as frequent as 1 / (k + offset)."""
    weights = 1 / (np.arange(people) + offset)
    return rng.choice(people, count, p=weights / weights.sum())


def people_and_passersby(rng: np.random.Generator, people: int, count: int) -> np.ndarray:
    """As :func:`zipf_people`, but :data:`PASSERBY_SHARE` of the observations are of further people, seen once or twice."""
    person = zipf_people(rng, people, count, 10.0)
    passerby = rng.random(count) < PASSERBY_SHARE
    person[passerby] = people + rng.permutation(np.arange(passerby.sum()) * 2 // 3)
    return person


def insert_photos(gallery: Gallery, rows: Iterable[tuple[int, bytes, str | None, float]]) -> None:
    """Photos of 12 megapixels: id, hash, date and seconds of each."""
    gallery.db.executemany("INSERT INTO photos (id, sha256, width, height, taken_at, seconds) VALUES (?, ?, 4000, 3000, ?, ?)", rows)


def insert_faces(gallery: Gallery, rows: Iterable[tuple[int, int, float]], landmarks: bytes) -> None:
    """Observations of a face: id, photo and left edge of each."""
    gallery.db.executemany(
        "INSERT INTO observations (id, photo_id, source, face_x0, face_y0, face_x1, face_y1, face_score, landmarks, reliability)"
        " VALUES (?, ?, 'auto', ?, 50, ?, 300, 0.99, ?, 0.9)",
        ((number, photo, x, x + 200, landmarks) for number, photo, x in rows),
    )


def build_clustered(path: Path, card: ModelCard, count: int, known: int, named: int, rng: np.random.Generator) -> np.ndarray:
    """A new gallery with embeddings and clusters, a cluster each person, and names for ``named`` people.

    Returns
    -------
    ndarray of shape (people, dimension), float32
        The centre of each person's faces, and some further ones for :func:`add_clustered`.
    """
    person = people_and_passersby(rng, known, count)
    axes = np.linspace(6, 1, card.dimension) ** 2
    centres = random_centres(rng, int(person.max()) + 2 + count // 100, card.dimension, axes)
    with Gallery.write(path, "bench") as gallery:
        add_clustered(gallery, card, person, centres, rng)
        for cluster in np.unique(np.linspace(20, known - 1, named).astype(int)).tolist():
            people.name_cluster(gallery, cluster + 1, f"Person {cluster}")
    return centres


def add_clustered(gallery: Gallery, card: ModelCard, person: np.ndarray, centres: np.ndarray, rng: np.random.Generator) -> None:
    """Add photos with two faces each, their embeddings and their clusters; the cluster of a person is ``person + 1``."""
    first_photo = int(gallery.db.value("SELECT coalesce(max(id), 0) FROM photos")) + 1
    first = int(gallery.db.value("SELECT coalesce(max(id), 0) FROM observations")) + 1
    count = len(person)
    with gallery.transaction():
        numbers = range((count + 1) // 2)
        insert_photos(gallery, ((first_photo + k, rng.bytes(32), None, float(rng.integers(10**9, 17 * 10**8))) for k in numbers))
        insert_faces(gallery, ((first + k, first_photo + k // 2, 500.0 * (k % 2)) for k in range(count)), rng.bytes(40))
        ids = np.arange(first, first + count)
        for start in range(0, count, 50_000):
            rows = slice(start, start + 50_000)
            observations.put_embeddings(gallery, "face", card.digest, ids[rows], scatter(rng, centres[person[rows]], SPREAD))
        clusters.put_clustering(gallery, ids, np.full(count, -1), person + 1)
        clusters.set_owners(gallery, np.unique(person + 1))


def add_days(gallery: Gallery, first: int, last: int, centres: np.ndarray, digest: str) -> None:
    """Add the photos ``first`` to ``last`` through the functions of the store: one face in each photo, a moment of five photos each day."""
    rng = np.random.default_rng(first)
    hashes = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(first, last)]
    old = {photo.id for photo in photos(gallery)}
    with gallery.transaction():
        put_files(gallery, [FileRow(f"/made/{first + k}.jpg", 1, 1, sha256) for k, sha256 in enumerate(hashes)])
        ids = []
        for photo in photos(gallery):
            if photo.id not in old:
                number = int(Path(photo.path).stem)
                seconds = 1e9 + DAY * (number // PHOTOS_PER_MOMENT) + 60 * (number % PHOTOS_PER_MOMENT)
                set_picture(gallery, photo.id, 1000, 800, Capture(None, seconds, None, None, "exif"))
                face = Face((10.0, 10.0, 110.0, 110.0), 0.99, np.ones((5, 2), dtype=np.float32), 0.95)
                ids += observations.replace_observations(gallery, photo.id, [Sighting(face, None)])
        person = rng.integers(0, len(centres), len(ids))
        observations.put_embeddings(gallery, "face", digest, ids, scatter(rng, centres[person], 0.45))
