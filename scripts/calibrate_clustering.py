"""Calibrate the distances of pass 2 for a face embedder: one setting for all libraries.

    python scripts/calibrate_clustering.py CARD SET.npz... [--as-is]

The sets are made by ``scripts/embed_folder.py``. What a setting is worth is said in ``facelib/evaluation/clustering_fit.py``: mean
B-cubed F over whole sets, all sets together, halves of the people and small libraries, less three times what precision falls
short of 0.99 (0.94 among families) and once what precision over pairs does; at three places, the cuts as they are, and a tenth of
``group_threshold`` nearer and farther. It starts from the distances of strangers and takes steps of tenths of ``group_threshold``,
so that the scale of an embedder does not matter, and climbs one number at a time. Printed are the numbers for the card, and what
they give on every library; ``--as-is`` measures those the card has. :func:`fit` is for other scripts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from calibrate_standing import people_of

from facelib.clustering.across_moments import join_singletons, pair_threshold, penalties
from facelib.clustering.adaptive_threshold import MAX_OFFSET
from facelib.clustering.constraints import Constraints
from facelib.clustering.dendrogram import Dendrogram
from facelib.clustering.linkage import build_tree
from facelib.evaluation.clustering_fit import LabelledSet, Library, libraries, mean_worth, pattern_search, stranger_distances, worth
from facelib.evaluation.groups import b_cubed, pairwise
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds

ERROR = "mean B-cubed F of whole sets, halves, mixtures and small libraries at a precision of 0.99, among kin of 0.94"
FITTED = ("linkage_threshold", "pair_threshold", "singleton_margin", "stranger_distance", "cohort_weight")
PLACES = ((0.25, -0.1), (0.5, 0.0), (0.25, 0.1))
"""Weights, and how far the cuts of pass 2 are moved, as a part of group_threshold: a setting that is good at one point only loses."""


@dataclass(eq=False)
class Bench:
    """A library with the trees that were grown on it, as far as ``top``: cuts can be moved without growing them anew."""

    library: Library
    top: float
    trees: dict[tuple[float, ...], tuple[Dendrogram, np.ndarray]] = field(default_factory=dict)

    def clusters(self, thresholds: Thresholds) -> np.ndarray:
        """As :func:`facelib.clustering.across_moments.cluster_nodes`, of single faces."""
        t, vectors, n = thresholds, self.library.vectors, len(self.library.truth)
        ones = np.ones(n, dtype=np.int64)
        key = (t.stranger_distance, t.cohort_weight, t.intra_distance)
        if key not in self.trees:
            penalty = penalties(vectors, ones, t)
            loosest = self.top + MAX_OFFSET * t.intra_distance
            tree = build_tree(vectors, ones, loosest, intra_distance=t.intra_distance, penalty=penalty)
            self.trees[key] = tree, penalty
        tree, penalty = self.trees[key]
        joined = tree.cut(pair_threshold(t), t.linkage_threshold)
        return join_singletons(vectors, ones, joined, penalty, Constraints.none(n), t)


def fit(sets: Sequence[LabelledSet], base: Thresholds) -> dict[str, float]:
    """The numbers of pass 2 for the embedder that made these vectors.

    Parameters
    ----------
    sets : sequence of (ndarray of shape (n, d), float32, rows of unit length; ndarray of shape (n,); ndarray of shape (n,))
        Vectors, persons and families; in a set without families each person is one.
    base : Thresholds
        All other numbers; of these ``group_threshold`` is read.

    Returns
    -------
    dict
        Those of :data:`FITTED`, rounded to thousandths. The same for the same sets.
    """
    among, first = libraries(sets), base.group_threshold
    far = stranger_distances(among, (1e-2, 1e-3, 1e-4))
    found = {"linkage_threshold": far[1e-3], "pair_threshold": far[1e-4], "singleton_margin": 0.15 * first}
    found |= {"stranger_distance": 1.1 * far[1e-2], "cohort_weight": 0.75}
    found = {name: round(found[name], 3) for name in FITTED}
    step, top = 0.1 * first, 1.2 * far[1e-2]
    both = {"linkage_threshold": step, "pair_threshold": step}
    steps: list[dict[str, float]] = [{"linkage_threshold": step}, {"pair_threshold": step}, both]
    # Wider where nobody is near, and as before in a crowd.
    steps += [{**both, "stranger_distance": 2 * step}, {"singleton_margin": step}]
    steps += [{"stranger_distance": step}, {"cohort_weight": 0.25}, {"cohort_weight": 0.25, "stranger_distance": -step}]
    benches = [Bench(library, top) for library in among]
    seen: dict[tuple[float, ...], float] = {}

    def value(numbers: dict[str, float]) -> float:
        if not (0 < numbers["pair_threshold"] <= numbers["linkage_threshold"] < top - step):
            return float("-inf")
        if not (0 <= numbers["cohort_weight"] <= 1 and 0 < numbers["singleton_margin"] < 2):
            return float("-inf")
        key = tuple(numbers[name] for name in FITTED)
        if key not in seen:
            tried = base.override(numbers)
            seen[key] = sum(weight * _value(benches, moved_by(tried, aside * first)) for weight, aside in PLACES)
        return seen[key]

    found, reached = pattern_search(found, steps, value)
    print(f"worth {reached:.4f} after {len(seen)} settings", file=sys.stderr, flush=True)
    return {name: round(found[name], 3) for name in FITTED}


def _value(benches: list[Bench], thresholds: Thresholds) -> float:
    return mean_worth([bench.library for bench in benches], [bench.clusters(thresholds) for bench in benches])


def moved_by(thresholds: Thresholds, aside: float) -> Thresholds:
    """Both cuts of pass 2 moved."""
    t = thresholds
    return t.override({"linkage_threshold": t.linkage_threshold + aside, "pair_threshold": max(0.01, t.pair_threshold + aside)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("card")
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--as-is", action="store_true", help="measure the numbers the card has, without fitting new ones")
    options = parser.parse_args()
    sets = [people_of(path) for path in options.sets]
    thresholds = Thresholds().override(dict(registry.card(options.card).thresholds))
    if not options.as_is:
        found = fit(sets, thresholds)
        print("\n".join(f'            "{name}": {value},' for name, value in found.items()))
        thresholds = thresholds.override(found)
    print(f"{'faces':>6} {'people':>6} {'kin':>4} {'weight':>6} {'F':>7} {'P':>7} {'R':>7} {'pair P':>7} {'worth':>7}")
    for library in libraries(sets):
        labels = Bench(library, thresholds.linkage_threshold).clusters(thresholds)
        score, pairs = b_cubed(labels, library.truth), pairwise(labels, library.truth)
        people, kin = len(np.unique(library.truth)), "yes" if library.kin else ""
        facts = f"{len(library.truth):>6} {people:>6} {kin:>4} {library.weight:>6.2f}"
        print(
            f"{facts}  {score.f:>6.4f} {score.precision:>6.4f} {score.recall:>6.4f} {pairs.precision:>6.4f} {worth(library, labels):>7.4f}"
        )


if __name__ == "__main__":
    main()
