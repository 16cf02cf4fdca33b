"""Measure naming 1,000 new faces in a gallery of 1,000,000 observations, and ``who`` on a face that is not in it.

    python scripts/bench_assign.py [--observations 1000000] [--new 1000] [--people 3000] [--named 300] [--keep FOLDER]

The gallery is made up: two observations a photo, people of very different frequency (Zipf) and one observation in five of
somebody seen once or twice; faces lie on the sphere as far apart as those of a real network, strangers alike along a few
directions. Photos and observations are written by columns, all that follows by the program's own functions. Measured are

* the whole pass of ``assign`` on all observations, once (the price of a first run, or of a new model; with ``--keep`` it is
  there already the next time);
* ``assign`` after the new faces were clustered, from the call to the commit, and after one more person got a name;
* ``who``: reading the dictionary, and answering one face.

Wall-clock and processor time, and the greatest memory in use so far. What the program takes to start is not in it.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from answers_counted import answers_counted

from facelib.model_zoo import registry
from facelib.stages import assign
from facelib.stages.setup import Setup
from facelib.store import clusters, observations, people
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds
from facelib.who.dictionary import NamedDictionary

CARD = registry.card("dlib-resnet")
SETUP = Setup(dict(registry.DEFAULTS), Thresholds().override(CARD.thresholds))
WITHIN = 0.33
"""Spread of one person's faces: two of them lie some 0.1 apart."""
LIKE = 6.0
"""How much longer the first axes of the faces of the world are than the last."""


def centres(rng: np.random.Generator, count: int) -> np.ndarray:
    axes = np.linspace(LIKE, 1, CARD.dimension) ** 2
    return unit(rng.normal(size=(count, CARD.dimension)) * axes / axes.max())


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def faces_of(rng: np.random.Generator, middle: np.ndarray) -> np.ndarray:
    return unit(middle + WITHIN * rng.normal(size=middle.shape) / np.sqrt(CARD.dimension))


def who_is_seen(rng: np.random.Generator, count: int, known: int) -> np.ndarray:
    """Person of each observation: the known ones by Zipf's law, then the others, seen twice at most."""
    weights = 1 / (np.arange(known) + 10.0)
    person = rng.choice(known, count, p=weights / weights.sum())
    passing = rng.random(count) < 0.2
    person[passing] = known + rng.permutation(np.arange(passing.sum()) * 2 // 3)
    return person


def add(gallery: Gallery, rng: np.random.Generator, person: np.ndarray, middle: np.ndarray) -> None:
    """Photos with two observations each, their embeddings and clusters; a person is one cluster."""
    first_photo = int(gallery.db.value("SELECT coalesce(max(id), 0) FROM photos")) + 1
    first = int(gallery.db.value("SELECT coalesce(max(id), 0) FROM observations")) + 1
    count = len(person)
    with gallery.transaction():
        gallery.db.executemany(
            "INSERT INTO photos (id, sha256, width, height, seconds) VALUES (?, ?, 4000, 3000, ?)",
            ((first_photo + k, rng.bytes(32), float(rng.integers(10**9, 17 * 10**8))) for k in range((count + 1) // 2)),
        )
        landmarks = rng.bytes(40)
        gallery.db.executemany(
            "INSERT INTO observations (id, photo_id, source, face_x0, face_y0, face_x1, face_y1, face_score, landmarks, reliability)"
            " VALUES (?, ?, 'auto', ?, 50, ?, 300, 0.99, ?, 0.9)",
            ((first + k, first_photo + k // 2, 500.0 * (k % 2), 500.0 * (k % 2) + 200, landmarks) for k in range(count)),
        )
        ids = np.arange(first, first + count)
        for start in range(0, count, 50_000):
            part = slice(start, start + 50_000)
            observations.put_embeddings(gallery, "face", CARD.digest, ids[part], faces_of(rng, middle[person[part]]))
        clusters.put_clustering(gallery, ids, np.full(count, -1), person + 1)
        clusters.set_owners(gallery, np.unique(person + 1))


def build(path: Path, count: int, known: int, named: int, rng: np.random.Generator) -> np.ndarray:
    """A gallery with names given; the middle of each person's faces."""
    person = who_is_seen(rng, count, known)
    middle = centres(rng, int(person.max()) + 2 + count // 100)
    with Gallery.write(path, "bench") as gallery:
        add(gallery, rng, person, middle)
        for cluster in np.unique(np.linspace(20, known - 1, named).astype(int)).tolist():
            people.name_cluster(gallery, cluster + 1, f"Person {cluster}")
    return middle


def timed(what: str, job: Callable[[], object]) -> None:
    wall, processor = time.perf_counter(), time.process_time()
    job()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{what:<44} {wall:8.3f} s  processor {processor:8.3f} s  memory {memory:.2f} GB", flush=True)


def run(gallery: Gallery) -> None:
    with answers_counted() as coded:
        for step in assign.run(gallery, SETUP):
            if step.detail:
                print(f"  {step.detail}, {sum(coded)} observations answered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--new", type=int, default=1000)
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--named", type=int, default=300)
    parser.add_argument("--keep", type=Path, help="a folder that holds the gallery from one run to the next")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = (options.keep or Path(temporary)) / f"assign-{options.observations}.sqlite"
        middles = path.with_suffix(".npy")
        if not middles.exists():
            np.save(middles, build(path, options.observations, options.people, options.named, np.random.default_rng(0)))
        middle = np.load(middles)
        with Gallery.write(path, "bench") as gallery:
            timed("assign, the whole gallery", lambda: run(gallery))
            timed("assign, nothing new", lambda: run(gallery))
            rng = np.random.default_rng(int(gallery.db.value("SELECT max(id) FROM observations")))
            person = who_is_seen(rng, options.new, options.people)
            # Those seen once or twice are new people, or some of the gallery's.
            passing = person >= options.people
            person[passing] = rng.integers(options.people, len(middle), int(passing.sum()))
            add(gallery, rng, person, middle)
            timed(f"assign, {options.new} new faces", lambda: run(gallery))
            unnamed = int(gallery.db.value("SELECT min(id) FROM clusters WHERE person_id IS NULL AND id > ?", (options.people // 2,)))
            people.name_cluster(gallery, unnamed, f"One more, c{unnamed}")
            timed("assign, one more name", lambda: run(gallery))
            held: list[NamedDictionary] = []
            timed("who: the dictionary", lambda: held.append(NamedDictionary.read(gallery, CARD.digest)))
            face = faces_of(rng, middle[25:26])
            timed("who: one face", lambda: held[0].identify(face, np.zeros(1, dtype=np.int64), SETUP.thresholds))
            print(f"  {len(held[0].exemplars)} exemplars of {len(held[0].clusters)} clusters")


if __name__ == "__main__":
    main()
