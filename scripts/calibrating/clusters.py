"""The thresholds of pass 2 of a face embedder: one setting for all libraries.

``facelib/evaluation/clustering_fit.py`` says how a setting is scored: mean B-cubed F over whole sets, all sets together, halves of
the people and small libraries, less three times what precision falls short of 0.99 (0.94 among families) and half of what pairwise
precision does. A setting is scored at three points, with the thresholds as they are and a tenth of ``first_cut`` lower and higher.
The search starts at distances of strangers and climbs one number at a time, in steps of tenths of ``first_cut``, so that the scale of
an embedder does not matter.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from facelib.clustering.adaptive_threshold import MOST_ALLOWED
from facelib.clustering.cluster import absorbed, crowding, near_cut
from facelib.clustering.constraints import Constraints
from facelib.clustering.linkage import Tree, grow
from facelib.evaluation.clustering_fit import LabelledSet, Library, climb, libraries, mean_worth, stranger_distances
from facelib.thresholds import Thresholds

ERROR = "mean B-cubed F of whole sets, halves, mixtures and small libraries at a precision of 0.99, among kin of 0.94"
FITTED = ("second_cut", "pair_cut", "absorb_margin", "stranger_distance", "crowding")
POINTS = ((0.25, -0.1), (0.5, 0.0), (0.25, 0.1))
"""Weight of each point, and how far the thresholds of pass 2 are moved, in units of first_cut. A setting that is good at one point only
scores low."""


@dataclass(eq=False)
class GrownLibrary:
    """A library with its linkage trees up to the distance ``top``: thresholds can be changed without growing the trees again."""

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
    """The thresholds of pass 2 for the embedder of these vectors.

    Parameters
    ----------
    sets : sequence of (ndarray of shape (n, d), float32, rows of unit length; ndarray of shape (n,); ndarray of shape (n,))
        Vectors, persons and families; in a set without families each person is one.
    base : Thresholds
        All other thresholds; of these ``first_cut`` is used.

    Returns
    -------
    dict
        Those of :data:`FITTED`, rounded to thousandths; always the same for the same sets.
    """
    among, first = libraries(sets), base.first_cut
    far = stranger_distances(among, (1e-2, 1e-3, 1e-4))
    found = {"second_cut": far[1e-3], "pair_cut": far[1e-4], "absorb_margin": 0.15 * first}
    found |= {"stranger_distance": 1.1 * far[1e-2], "crowding": 0.75}
    found = {name: round(found[name], 3) for name in FITTED}
    step, top = 0.1 * first, 1.2 * far[1e-2]
    steps: list[dict[str, float]] = [{"second_cut": step}, {"pair_cut": step}, {"second_cut": step, "pair_cut": step}]
    # A higher threshold for isolated faces, an unchanged one for faces that have many strangers near.
    steps += [{"second_cut": step, "pair_cut": step, "stranger_distance": 2 * step}, {"absorb_margin": step}]
    steps += [{"stranger_distance": step}, {"crowding": 0.25}, {"crowding": 0.25, "stranger_distance": -step}]
    grown = [GrownLibrary(library, top) for library in among]
    seen: dict[tuple[float, ...], float] = {}

    def value(numbers: dict[str, float]) -> float:
        if not (0 < numbers["pair_cut"] <= numbers["second_cut"] < top - step):
            return float("-inf")
        if not (0 <= numbers["crowding"] <= 1 and 0 < numbers["absorb_margin"] < 2):
            return float("-inf")
        key = tuple(numbers[name] for name in FITTED)
        if key not in seen:
            tried = base.override(numbers)
            seen[key] = sum(weight * _value(grown, moved_by(tried, aside * first)) for weight, aside in POINTS)
        return seen[key]

    found, reached = climb(found, steps, value)
    print(f"worth {reached:.4f} after {len(seen)} settings", file=sys.stderr, flush=True)
    return {name: round(found[name], 3) for name in FITTED}


def _value(grown: list[GrownLibrary], thresholds: Thresholds) -> float:
    return mean_worth([each.library for each in grown], [each.clusters(thresholds) for each in grown])


def moved_by(thresholds: Thresholds, aside: float) -> Thresholds:
    """The same with both thresholds of pass 2 moved."""
    return thresholds.override({"second_cut": thresholds.second_cut + aside, "pair_cut": max(0.01, thresholds.pair_cut + aside)})
