"""CPU time of a nightly run and of one more name, by the size of the library.

    python scripts/bench_nightly.py [SIZE...] [--new 100] [--plot OUT.png]

For each size, a gallery of synthetic people, every fourth of them named, is clustered and assigned as a whole. Then --new photos
are added and both stages run, as in a nightly run; then one more person gets a name and both stages run again. Shown are the CPU
seconds of both stages, and how many faces were assigned.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benching.counted_answers import count_answers
from benching.drawing import LOG_LOG, Curve, Panel, draw_panels
from benching.galleries import add_days
from benching.timing import growth_exponent
from benching.vectors import random_centres

from facelib.model_zoo import registry
from facelib.stages import assign, cluster
from facelib.stages.setup import Setup
from facelib.store import people
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds

PHOTOS_PER_PERSON = 40
TITLES = ("the whole", "a night", "a name")


@dataclass(frozen=True)
class Seconds:
    """CPU seconds of the stages ``cluster`` and ``assign``, and how many faces were assigned."""

    cluster: float
    assign: float
    assigned: int


def measure(size: int, new: int, setup: Setup) -> list[Seconds]:
    """The whole library, a night's new photos, one more name."""
    card = setup.card(registry.FACE_EMBEDDER)
    centres = random_centres(np.random.default_rng(1), max(2, size // PHOTOS_PER_PERSON), card.dimension)
    with tempfile.TemporaryDirectory() as folder, Gallery.write(Path(folder) / "gallery.sqlite", "bench") as gallery:
        add_days(gallery, 0, size, centres, card.digest)
        for _ in cluster.run(gallery, setup):
            pass
        numbers = [row.clusters[0] for row in people.people_rows(gallery)]
        for number in numbers[::4]:
            people.name_cluster(gallery, number, f"Person {number}")
        whole = run_stages(gallery, setup, full=True)
        add_days(gallery, size, size + new, centres, card.digest)
        night = run_stages(gallery, setup)
        people.name_cluster(gallery, numbers[1], "One more")
        return [whole, night, run_stages(gallery, setup)]


def run_stages(gallery: Gallery, setup: Setup, full: bool = False) -> Seconds:
    with count_answers() as counts:
        times = [time.process_time()]
        for stage in (cluster.run(gallery, setup, full=full), assign.run(gallery, setup)):
            for _ in stage:
                pass
            times.append(time.process_time())
    return Seconds(times[1] - times[0], times[2] - times[1], sum(counts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[6000, 12_000, 24_000, 48_000])
    parser.add_argument("--new", type=int, default=100)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    setup = Setup(
        dict(registry.DEFAULTS), Thresholds().override(registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER]).thresholds)
    )
    points = []
    print(f"{'library':>9}  " + "  ".join(f"{title + ': cluster, assign, faces':>38}" for title in TITLES))
    for size in options.sizes:
        points.append(measure(size, options.new, setup))
        print(f"{size:>9}  " + "  ".join(f"{p.cluster:>22.2f} s {p.assign:>6.2f} s {p.assigned:>6}" for p in points[-1]), flush=True)
    for title, column in zip(TITLES, zip(*points, strict=True), strict=True) if len(points) > 1 else ():
        exponent = growth_exponent(options.sizes, [p.cluster + p.assign for p in column])
        print(f"{title}: CPU seconds grow as n^{exponent:.2f}")
    if options.plot:
        curves = [
            Curve(options.sizes, [getattr(p, stage) for p in column], f"{title}, {stage}", {"marker": "o", "linestyle": line})
            for title, column in zip(TITLES, zip(*points, strict=True), strict=True)
            for stage, line in (("cluster", "--"), ("assign", "-"))
        ]
        draw_panels([Panel("faces in the library", "CPU seconds", curves, LOG_LOG)], options.plot)


if __name__ == "__main__":
    main()
