"""What one night's new photos and one name cost, against the size of the library they come into.

    python scripts/bench_nightly.py [SIZE...] [--new 100] [--plot OUT.png]

For each size a gallery of made people, every fourth with a name, is clustered and answered as a whole; then --new photos are
added, and both stages run as they would in the night; then one more person gets a name, and both run again. Shown are the
seconds of each in CPU time, and how many faces were answered.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from answers_counted import answers_counted

from facelib.model_zoo import registry
from facelib.records import Capture, Face, Sighting
from facelib.stages import assign, cluster
from facelib.stages.setup import Setup
from facelib.store import observations, people
from facelib.store.gallery import Gallery
from facelib.store.photos import FileRow, photos, put_files, set_picture
from facelib.thresholds import Thresholds

DAY, PHOTOS_A_MOMENT, PHOTOS_EACH = 86400.0, 5, 40
TITLES = ("the whole", "a night", "a name")


def fill(gallery: Gallery, first: int, last: int, centres: np.ndarray, digest: str) -> None:
    """Add the photos ``first`` to ``last``, one face in each, five photos a moment, a moment a day."""
    rng = np.random.default_rng(first)
    names = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(first, last)]
    known = {photo.id for photo in photos(gallery)}
    with gallery.transaction():
        put_files(gallery, [FileRow(f"/made/{number}.jpg", 1, 1, name) for number, name in zip(range(first, last), names, strict=True)])
        ids = []
        for photo in photos(gallery):
            if photo.id not in known:
                number = int(Path(photo.path).stem)
                seconds = 1e9 + DAY * (number // PHOTOS_A_MOMENT) + 60 * (number % PHOTOS_A_MOMENT)
                set_picture(gallery, photo.id, 1000, 800, Capture(None, seconds, None, None, "exif"))
                face = Face((10.0, 10.0, 110.0, 110.0), 0.99, np.ones((5, 2), dtype=np.float32), 0.95)
                ids += observations.replace_observations(gallery, photo.id, [Sighting(face, None)])
        who = rng.integers(0, len(centres), len(ids))
        vectors = centres[who] + 0.45 * rng.normal(size=(len(ids), centres.shape[1])) / np.sqrt(centres.shape[1])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        observations.put_embeddings(gallery, "face", digest, ids, vectors.astype(np.float32))


@dataclass(frozen=True)
class Spent:
    """CPU seconds of clustering and of answering, and how many faces were answered."""

    cluster: float
    assign: float
    answered: int


def measure(size: int, new: int, setup: Setup) -> list[Spent]:
    """The whole library, a night's new photos, one more name."""
    card = setup.card(registry.FACE_EMBEDDER)
    centres = np.random.default_rng(1).normal(size=(max(2, size // PHOTOS_EACH), card.dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    with tempfile.TemporaryDirectory() as folder, Gallery.write(Path(folder) / "gallery.sqlite", "bench") as gallery:
        fill(gallery, 0, size, centres, card.digest)
        for _ in cluster.run(gallery, setup):
            pass
        found = [row.clusters[0] for row in people.people_rows(gallery)]
        for number in found[::4]:
            people.name_cluster(gallery, number, f"Person {number}")
        whole = spent(gallery, setup, full=True)
        fill(gallery, size, size + new, centres, card.digest)
        night = spent(gallery, setup)
        people.name_cluster(gallery, found[1], "One more")
        return [whole, night, spent(gallery, setup)]


def spent(gallery: Gallery, setup: Setup, full: bool = False) -> Spent:
    with answers_counted() as answered:
        times = [time.process_time()]
        for stage in (cluster.run(gallery, setup, full=full), assign.run(gallery, setup)):
            for _ in stage:
                pass
            times.append(time.process_time())
    return Spent(times[1] - times[0], times[2] - times[1], sum(answered))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[6000, 12_000, 24_000, 48_000])
    parser.add_argument("--new", type=int, default=100)
    parser.add_argument("--plot", type=Path)
    chosen = parser.parse_args()
    setup = Setup(
        dict(registry.DEFAULTS), Thresholds().override(registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER]).thresholds)
    )
    points = []
    print(f"{'library':>9}  " + "  ".join(f"{title + ': cluster, assign, faces':>38}" for title in TITLES))
    for size in chosen.sizes:
        points.append(measure(size, chosen.new, setup))
        print(f"{size:>9}  " + "  ".join(f"{p.cluster:>22.2f} s {p.assign:>6.2f} s {p.answered:>6}" for p in points[-1]), flush=True)
    for title, column in zip(TITLES, zip(*points, strict=True), strict=True) if len(points) > 1 else ():
        slope = np.polyfit(np.log(chosen.sizes), np.log([p.cluster + p.assign for p in column]), 1)[0]
        print(f"{title}: CPU seconds grow as n^{slope:.2f}")
    if chosen.plot:
        draw(list(chosen.sizes), points, chosen.plot)


def draw(sizes: list[int], points: list[list[Spent]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot(1, 1, 1, xscale="log", yscale="log", xlabel="faces in the library", ylabel="CPU seconds")
    for title, column in zip(TITLES, zip(*points, strict=True), strict=True):
        for stage, line in (("cluster", "--"), ("assign", "-")):
            axes.plot(sizes, [getattr(p, stage) for p in column], line, marker="o", label=f"{title}, {stage}")
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
