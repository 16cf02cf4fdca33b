"""Time of ``facelib find`` in a large synthetic gallery.

    python scripts/bench_find.py [--observations 1000000] [--cache FOLDER]

The gallery has 2.5 observations a photo and people of very different frequency (Zipf). It has no embeddings: find reads none. Each
query runs in its own process, as for a user. The start of the program (the same command on a gallery of 100 observations) is
measured in the same way and subtracted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from benching.galleries import insert_faces, insert_photos, zipf_people

from facelib.store.gallery import Gallery

PEOPLE = 1000
NAMED_SHARE = 0.7
QUERIES = {
    "the most frequent person, counted": ["find", "Person 0", "--count"],
    "a person of medium frequency": ["find", "Person 40", "-0"],
    "two frequent people": ["find", "Person 0", "Person 1", "-0"],
    "three people": ["find", "Person 0", "Person 1", "Person 2", "-0"],
    "one of two": ["find", "Person 30", "Person 31", "--any", "-0"],
    "only these two": ["find", "Person 0", "Person 1", "--only", "-0"],
    "one without another": ["find", "Person 20", "--without", "Person 0", "-0"],
    "two in one year": ["find", "Person 0", "Person 1", "--since", "2015", "--until", "2015", "-0"],
    "a frequent person in a folder": ["find", "Person 0", "--folder", "/photos/012", "-0"],
    "a person without photos": ["find", "Person 999", "--min-standing", "certain", "-0"],
    "the most frequent person, all paths": ["find", "Person 0", "-0"],
    "people together with two": ["people", "--together", "Person 0", "Person 1"],
}


def build(path: Path, observations: int) -> None:
    """Fill a new gallery with people, files, clusters and answers."""
    rng = np.random.default_rng(0)
    photos = observations * 2 // 5
    photo_of = np.sort(rng.integers(1, photos + 1, observations))
    person = zipf_people(rng, PEOPLE, observations) + 1
    named = rng.random(observations) < NAMED_SHARE
    standing = np.where(rng.random(observations) < 0.8, "certain", "likely")
    with Gallery.write(path, "bench") as gallery, gallery.transaction():
        many = gallery.db.executemany
        many("INSERT INTO people (name, folded, created_at) VALUES (?, ?, '')", ((f"Person {k}", f"person {k}") for k in range(PEOPLE)))
        insert_photos(gallery, ((k, rng.bytes(32), f"{2000 + k % 25}-06-15T12:00:00", float(k)) for k in range(1, photos + 1)))
        many(
            "INSERT INTO files (path, size, mtime_ns, photo_id, at) VALUES (?, 1, 1, ?, '')",
            ((f"/photos/{k % 200:03d}/IMG_{k:07d}.jpg".encode(), k) for k in range(1, photos + 1)),
        )
        insert_faces(gallery, ((k + 1, int(photo), float(k % 1000)) for k, photo in enumerate(photo_of)), rng.bytes(40))
        many("INSERT INTO clusters (id, person_id) VALUES (?, ?)", ((k, k if k <= PEOPLE else None) for k in range(1, 2 * PEOPLE + 1)))
        clusters = np.where(named, person, person + PEOPLE)
        rows = ((k + 1, int(c)) for k, c in enumerate(clusters))
        many("INSERT INTO memberships (observation_id, group_id, cluster_id) VALUES (?, 1, ?)", rows)
        many(
            "INSERT INTO answers (observation_id, person_id, standing, share, source, photo_id) VALUES (?, ?, ?, 0.9, 'auto', ?)",
            (
                (k + 1, p if n else None, s if n else "unknown", photo)
                for k, (p, n, s, photo) in enumerate(zip(*(column.tolist() for column in (person, named, standing, photo_of)), strict=True))
            ),
        )


def fastest_run(arguments: list[str], runs: int = 5) -> tuple[float, float]:
    """Lowest wall-clock and CPU time of a call of the program; the CPU time is meaningful on a busy machine too."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    wall, cpu = [], []
    for _ in range(runs):
        before, start = os.times(), time.perf_counter()
        ended = subprocess.run([sys.executable, "-m", "facelib", *arguments], capture_output=True, env=environment)
        after = os.times()
        wall.append(time.perf_counter() - start)
        cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)
        assert ended.returncode == 0, ended.stderr.decode()
    return min(wall), min(cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--cache", type=Path, help="a folder that keeps the gallery for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        small = Path(scratch) / "small.sqlite"
        build(small, 100)
        gallery = (options.cache or Path(scratch)) / f"{options.observations}.sqlite"
        if not gallery.exists():
            build(gallery, options.observations)
        start = fastest_run(["--gallery", str(small), "find", "Person 0", "--count"])
        print(f"{options.observations} observations, {gallery.stat().st_size / 1e6:.0f} MB; milliseconds beyond the start of the program")
        print(f"{'':<40} {'wall':>6} {'CPU':>10}")
        print(f"{'(the start itself)':<40} {1000 * start[0]:6.0f} {1000 * start[1]:10.0f}")
        for title, arguments in QUERIES.items():
            query = fastest_run(["--gallery", str(gallery), *arguments])
            print(f"{title:<40} {1000 * (query[0] - start[0]):6.0f} {1000 * (query[1] - start[1]):10.0f}")


if __name__ == "__main__":
    main()
