"""Fit the thresholds of pass 2 for a face embedder, or score those of its card, library by library.

    python scripts/calibrate_clustering.py SET.npz... [--embedder NAME] [--as-is]

The sets are made by ``scripts/embed_folder.py``. The fit is ``calibrating/clusters.py``, which also says how a setting is scored.
Printed are the thresholds for the card, and what they give on every library; with ``--as-is``, what those of the card give.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from benching.vectors import read_labelled
from calibrating.clusters import LibraryTrees, fit

from facelib.evaluation.clustering_fit import libraries, objective
from facelib.evaluation.groups import b_cubed, pairwise
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--embedder", default=registry.DEFAULTS[registry.FACE_EMBEDDER])
    parser.add_argument("--as-is", action="store_true", help="score the thresholds of the card, without fitting new ones")
    options = parser.parse_args()
    sets = [(each.vectors, each.person, each.family) for each in map(read_labelled, options.sets)]
    thresholds = Thresholds().override(dict(registry.card(options.embedder).thresholds))
    if not options.as_is:
        found = fit(sets, thresholds)
        print("\n".join(f'            "{name}": {value},' for name, value in found.items()))
        thresholds = thresholds.override(found)
    print(f"{'faces':>6} {'people':>6} {'kin':>4} {'weight':>6} {'F':>7} {'P':>7} {'R':>7} {'pair P':>7} {'objective':>9}")
    for library in libraries(sets):
        labels = LibraryTrees(library, thresholds.linkage_threshold).clusters(thresholds)
        score, pairs = b_cubed(labels, library.truth), pairwise(labels, library.truth)
        people, kin = len(np.unique(library.truth)), "yes" if library.kin else ""
        facts = f"{len(library.truth):>6} {people:>6} {kin:>4} {library.weight:>6.2f}"
        scores = f"{score.f:>6.4f} {score.precision:>6.4f} {score.recall:>6.4f} {pairs.precision:>6.4f}"
        print(f"{facts}  {scores} {objective(library, labels):>9.4f}")


if __name__ == "__main__":
    main()
