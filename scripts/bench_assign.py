"""Time of naming 1,000 new faces in a gallery of 1,000,000 observations, and of ``who`` for a face that is not in it.

    python scripts/bench_assign.py [--observations 1000000] [--new 1000] [--people 3000] [--named 300] [--cache FOLDER]

The gallery is synthetic: two observations a photo, people of very different frequency (Zipf), one observation in five of a person
seen once or twice. Vectors are as far apart as those of a real network. Measured are

* the whole stage ``assign`` on all observations, once: the cost of a first run, or of a new model (a gallery in --cache has it
  done already the next time);
* ``assign`` after the new faces were clustered, from the call to the commit, and after one more person got a name;
* ``who``: reading the dictionary, and answering one face.

Shown are wall-clock and CPU time, and the peak memory so far. The start of the program is not included.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from benching.counted_answers import count_answers
from benching.galleries import SPREAD, add_clustered, build_clustered, people_and_passersby
from benching.timing import Result, measure
from benching.vectors import scatter

from facelib.model_zoo import registry
from facelib.stages import assign
from facelib.stages.setup import Setup
from facelib.store import people
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds
from facelib.who.dictionary import NamedDictionary

CARD = registry.card("dlib-resnet")
SETUP = Setup(dict(registry.DEFAULTS), Thresholds().override(CARD.thresholds))


def report(title: str, work: Callable[[], Result]) -> Result:
    """Do the work, and print its cost."""
    result, cost = measure(work)
    print(f"{title:<44} {cost.wall:8.3f} s  CPU {cost.cpu:8.3f} s  memory {cost.peak_memory / 1e9:.2f} GB", flush=True)
    return result


def run_assign(gallery: Gallery) -> None:
    with count_answers() as counts:
        for step in assign.run(gallery, SETUP):
            if step.detail:
                print(f"  {step.detail}, {sum(counts)} observations answered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--new", type=int, default=1000)
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--named", type=int, default=300)
    parser.add_argument("--cache", type=Path, help="a folder that keeps the gallery for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = (options.cache or Path(scratch)) / f"assign-{options.observations}.sqlite"
        stored_centres = path.with_suffix(".npy")
        if not stored_centres.exists():
            sizes = options.observations, options.people, options.named
            np.save(stored_centres, build_clustered(path, CARD, *sizes, np.random.default_rng(0)))
        centres = np.load(stored_centres)
        with Gallery.write(path, "bench") as gallery:
            report("assign, the whole gallery", lambda: run_assign(gallery))
            report("assign, nothing new", lambda: run_assign(gallery))
            rng = np.random.default_rng(int(gallery.db.value("SELECT max(id) FROM observations")))
            person = people_and_passersby(rng, options.people, options.new)
            # Those seen once or twice are new people, or some that the gallery has.
            passerby = person >= options.people
            person[passerby] = rng.integers(options.people, len(centres), int(passerby.sum()))
            add_clustered(gallery, CARD, person, centres, rng)
            report(f"assign, {options.new} new faces", lambda: run_assign(gallery))
            unnamed = int(gallery.db.value("SELECT min(id) FROM clusters WHERE person_id IS NULL AND id > ?", (options.people // 2,)))
            people.name_cluster(gallery, unnamed, f"One more, c{unnamed}")
            report("assign, one more name", lambda: run_assign(gallery))
            known = report("who: the dictionary", lambda: NamedDictionary.read(gallery, CARD.digest))
            face = scatter(rng, centres[25:26], SPREAD)
            report("who: one face", lambda: known.identify(face, np.zeros(1, dtype=np.int64), SETUP.thresholds))
            print(f"  {len(known.exemplars)} exemplars of {len(known.clusters)} clusters")


if __name__ == "__main__":
    main()
