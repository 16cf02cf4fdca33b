"""What one night's new photos cost, against the size of the library they come into.

    python scripts/bench_nightly.py [SIZE...] [--new 100] [--plot OUT.png]

For each size a gallery of made people is filled and clustered as a whole; then --new photos are added, and the clustering
stage runs as it would in the night. Shown are the seconds of both, in CPU time, and how many embeddings the second one read.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path

import numpy as np

from facelib import model_cards
from facelib.records import Capture, Face, Sighting
from facelib.stages import cluster
from facelib.stages.setup import Setup
from facelib.store import observations
from facelib.store.gallery import Gallery
from facelib.store.photos import FileRow, photos, put_files, set_picture
from facelib.thresholds import Thresholds

DAY, PHOTOS_A_MOMENT, PHOTOS_EACH = 86400.0, 5, 40


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


def measure(size: int, new: int, setup: Setup) -> tuple[float, float, int]:
    """CPU seconds of the whole clustering and of the night's, and embeddings read in the night."""
    card = setup.card(model_cards.FACE_EMBEDDER)
    centres = np.random.default_rng(1).normal(size=(max(2, size // PHOTOS_EACH), card.dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    read: list[int] = []
    original = observations.embeddings

    def counted(*arguments: object) -> tuple[np.ndarray, np.ndarray]:
        found: tuple[np.ndarray, np.ndarray] = original(*arguments)  # type: ignore[arg-type]
        read.append(len(found[0]))
        return found

    setattr(observations, "embeddings", counted)  # noqa: B010
    try:
        with tempfile.TemporaryDirectory() as folder, Gallery.write(Path(folder) / "gallery.sqlite", "bench") as gallery:
            fill(gallery, 0, size, centres, card.digest)
            whole = spent(gallery, setup)
            fill(gallery, size, size + new, centres, card.digest)
            read.clear()
            return whole, spent(gallery, setup), sum(read)
    finally:
        observations.embeddings = original


def spent(gallery: Gallery, setup: Setup) -> float:
    start = time.process_time()
    for _ in cluster.run(gallery, setup):
        pass
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[6000, 12_000, 24_000, 48_000])
    parser.add_argument("--new", type=int, default=100)
    parser.add_argument("--plot", type=Path)
    chosen = parser.parse_args()
    setup = Setup(
        dict(model_cards.DEFAULTS), Thresholds().override(model_cards.card(model_cards.DEFAULTS[model_cards.FACE_EMBEDDER]).thresholds)
    )
    points = []
    print(f"{'library':>9} {'whole, CPU s':>13} {'night, CPU s':>13} {'embeddings read':>16}")
    for size in chosen.sizes:
        whole, night, read = measure(size, chosen.new, setup)
        points.append((size, whole, night))
        print(f"{size:>9} {whole:>13.2f} {night:>13.2f} {read:>16}", flush=True)
    if chosen.plot:
        draw(points, chosen.plot)


def draw(points: list[tuple[int, float, float]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot(1, 1, 1, xscale="log", yscale="log", xlabel="faces in the library", ylabel="CPU seconds")
    for place, label in ((1, "clustered as a whole"), (2, "a night's new photos")):
        axes.plot([p[0] for p in points], [p[place] for p in points], marker="o", label=label)
    axes.legend()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
