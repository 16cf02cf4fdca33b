"""Calibrate the distances of pass 2 for a face embedder: one setting for all libraries.

    python scripts/calibrate_clustering.py CARD SET.npz... [--as-is]

The sets are made by ``scripts/embed_folder.py``. What a setting is worth is said in ``facelib/evaluation/clustering_fit.py``: mean
B-cubed F over whole sets, all sets together, halves of the people and small libraries, less three times what precision falls
short of 0.99 (0.94 among families) and once what precision over pairs does; at three places, the cuts as they are, and a tenth of
``first_cut`` nearer and farther. It starts from the distances of strangers and takes steps of tenths of ``first_cut``, so that the
scale of an embedder does not matter, and climbs one number at a time. Printed are the numbers for the card, and what they give
on every library; ``--as-is`` measures those the card has. :func:`fit` is for other scripts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from calibrate_standing import people_of

from facelib.clustering.adaptive_threshold import MOST_ALLOWED
from facelib.clustering.cluster import absorbed, crowding, near_cut
from facelib.clustering.constraints import Constraints
from facelib.clustering.linkage import Tree, grow
from facelib.evaluation.clustering_fit import LabelledSet, Library, climb, libraries, mean_worth, stranger_distances, worth
from facelib.evaluation.groups import b_cubed, pairwise
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds

ERROR = "mean B-cubed F of whole sets, halves, mixtures and small libraries at a precision of 0.99, among kin of 0.94"
FITTED = ("second_cut", "pair_cut", "absorb_margin", "stranger_distance", "crowding")
PLACES = ((0.25, -0.1), (0.5, 0.0), (0.25, 0.1))
"""Weights, and how far the cuts of pass 2 are moved, as a part of first_cut: a setting that is good at one point only loses."""


@dataclass(eq=False)
class Bench:
    """A library with the trees that were grown on it, as far as ``top``: cuts can be moved without growing them anew."""

    library: Library
    top: float
    trees: dict[tuple[float, ...], tuple[Tree, np.ndarray]] = field(default_factory=dict)

    def clusters(self, thresholds: Thresholds) -> np.ndarray:
        """As :func:`facelib.clustering.cluster.link_looks`, of single faces."""
        t, vectors, n = thresholds, self.library.vectors, len(self.library.truth)
        ones = np.ones(n, dtype=np.int64)
        key = (t.stranger_distance, t.crowding, t.first_cut)
        if key not in self.trees:
            penalty = crowding(vectors, ones, t)
            tree = grow(vectors, ones, self.top + MOST_ALLOWED * t.first_cut, usual=t.first_cut, penalty=penalty)
            self.trees[key] = tree, penalty
        tree, penalty = self.trees[key]
        joined = tree.cut(near_cut(t), t.second_cut)
        return absorbed(vectors, ones, joined, penalty, Constraints.none(n), t)


def fit(sets: Sequence[LabelledSet], base: Thresholds) -> dict[str, float]:
    """The numbers of pass 2 for the embedder that made these vectors.

    Parameters
    ----------
    sets : sequence of (ndarray of shape (n, d), float32, rows of unit length; ndarray of shape (n,); ndarray of shape (n,))
        Vectors, persons and families; in a set without families each person is one.
    base : Thresholds
        All other numbers; of these ``first_cut`` is read.

    Returns
    -------
    dict
        Those of :data:`FITTED`, rounded to thousandths. The same for the same sets.
    """
    among, first = libraries(sets), base.first_cut
    far = stranger_distances(among, (1e-2, 1e-3, 1e-4))
    found = {"second_cut": far[1e-3], "pair_cut": far[1e-4], "absorb_margin": 0.15 * first}
    found |= {"stranger_distance": 1.1 * far[1e-2], "crowding": 0.75}
    found = {name: round(found[name], 3) for name in FITTED}
    step, top = 0.1 * first, 1.2 * far[1e-2]
    steps: list[dict[str, float]] = [{"second_cut": step}, {"pair_cut": step}, {"second_cut": step, "pair_cut": step}]
    # Wider where nobody is near, and as before in a crowd.
    steps += [{"second_cut": step, "pair_cut": step, "stranger_distance": 2 * step}, {"absorb_margin": step}]
    steps += [{"stranger_distance": step}, {"crowding": 0.25}, {"crowding": 0.25, "stranger_distance": -step}]
    benches = [Bench(library, top) for library in among]
    seen: dict[tuple[float, ...], float] = {}

    def value(numbers: dict[str, float]) -> float:
        if not (0 < numbers["pair_cut"] <= numbers["second_cut"] < top - step):
            return float("-inf")
        if not (0 <= numbers["crowding"] <= 1 and 0 < numbers["absorb_margin"] < 2):
            return float("-inf")
        key = tuple(numbers[name] for name in FITTED)
        if key not in seen:
            tried = base.override(numbers)
            seen[key] = sum(weight * _value(benches, moved_by(tried, aside * first)) for weight, aside in PLACES)
        return seen[key]

    found, reached = climb(found, steps, value)
    print(f"worth {reached:.4f} after {len(seen)} settings", file=sys.stderr, flush=True)
    return {name: round(found[name], 3) for name in FITTED}


def _value(benches: list[Bench], thresholds: Thresholds) -> float:
    return mean_worth([bench.library for bench in benches], [bench.clusters(thresholds) for bench in benches])


def moved_by(thresholds: Thresholds, aside: float) -> Thresholds:
    """Both cuts of pass 2 moved."""
    return thresholds.override({"second_cut": thresholds.second_cut + aside, "pair_cut": max(0.01, thresholds.pair_cut + aside)})


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
        labels = Bench(library, thresholds.second_cut).clusters(thresholds)
        score, pairs = b_cubed(labels, library.truth), pairwise(labels, library.truth)
        people, kin = len(np.unique(library.truth)), "yes" if library.kin else ""
        facts = f"{len(library.truth):>6} {people:>6} {kin:>4} {library.weight:>6.2f}"
        print(
            f"{facts}  {score.f:>6.4f} {score.precision:>6.4f} {score.recall:>6.4f} {pairs.precision:>6.4f} {worth(library, labels):>7.4f}"
        )


if __name__ == "__main__":
    main()
