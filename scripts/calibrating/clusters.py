"""The thresholds of pass 2 of a face embedder: one setting for all libraries.

``facelib/evaluation/clustering_fit.py`` says how a setting is scored: mean B-cubed F over whole sets, all sets together, halves of
the people and small libraries, less three times what precision falls short of 0.99 (0.94 among families) and half of what pairwise
precision does. A setting is scored at three points, with the thresholds as they are and a tenth of ``group_threshold`` lower and higher.
The search starts at distances of strangers and climbs one number at a time, in steps of tenths of ``group_threshold``, so that the scale of
an embedder does not matter.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from facelib.clustering.across_moments import join_singletons, pair_threshold, penalties
from facelib.clustering.adaptive_threshold import MAX_OFFSET
from facelib.clustering.constraints import Constraints
from facelib.clustering.dendrogram import Dendrogram
from facelib.clustering.linkage import build_tree
from facelib.evaluation.clustering_fit import LabelledSet, Library, libraries, mean_objective, pattern_search, stranger_distances
from facelib.thresholds import Thresholds

ERROR = "mean B-cubed F of whole sets, halves, mixtures and small libraries at a precision of 0.99, among kin of 0.94"
FITTED = ("linkage_threshold", "pair_threshold", "singleton_margin", "stranger_distance", "cohort_weight")
POINTS = ((0.25, -0.1), (0.5, 0.0), (0.25, 0.1))
"""Weight of each point, and how far the thresholds of pass 2 are moved, in units of group_threshold. A setting that is good at one
point only scores low."""


@dataclass(eq=False)
class LibraryTrees:
    """A library with its linkage trees up to the distance ``top``, so that thresholds can be changed without building the trees again."""

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
    """The thresholds of pass 2 for the embedder of these vectors.

    Parameters
    ----------
    sets : sequence of (ndarray of shape (n, d), float32, rows of unit length; ndarray of shape (n,); ndarray of shape (n,))
        Vectors, persons and families; in a set without families each person is one.
    base : Thresholds
        All other thresholds; of these ``group_threshold`` is used.

    Returns
    -------
    dict
        Those of :data:`FITTED`, rounded to thousandths; always the same for the same sets.
    """
    tested, first = libraries(sets), base.group_threshold
    far = stranger_distances(tested, (1e-2, 1e-3, 1e-4))
    found = {"linkage_threshold": far[1e-3], "pair_threshold": far[1e-4], "singleton_margin": 0.15 * first}
    found |= {"stranger_distance": 1.1 * far[1e-2], "cohort_weight": 0.75}
    found = {name: round(found[name], 3) for name in FITTED}
    step, top = 0.1 * first, 1.2 * far[1e-2]
    both = {"linkage_threshold": step, "pair_threshold": step}
    steps: list[dict[str, float]] = [{"linkage_threshold": step}, {"pair_threshold": step}, both]
    # A higher threshold for isolated faces, an unchanged one for faces that have many strangers near.
    steps += [{**both, "stranger_distance": 2 * step}, {"singleton_margin": step}]
    steps += [{"stranger_distance": step}, {"cohort_weight": 0.25}, {"cohort_weight": 0.25, "stranger_distance": -step}]
    trees = [LibraryTrees(library, top) for library in tested]
    seen: dict[tuple[float, ...], float] = {}

    def value(numbers: dict[str, float]) -> float:
        if not (0 < numbers["pair_threshold"] <= numbers["linkage_threshold"] < top - step):
            return float("-inf")
        if not (0 <= numbers["cohort_weight"] <= 1 and 0 < numbers["singleton_margin"] < 2):
            return float("-inf")
        key = tuple(numbers[name] for name in FITTED)
        if key not in seen:
            tried = base.override(numbers)
            seen[key] = sum(weight * _value(trees, moved_by(tried, aside * first)) for weight, aside in POINTS)
        return seen[key]

    found, reached = pattern_search(found, steps, value)
    print(f"objective {reached:.4f} after {len(seen)} settings", file=sys.stderr, flush=True)
    return {name: round(found[name], 3) for name in FITTED}


def _value(trees: list[LibraryTrees], thresholds: Thresholds) -> float:
    return mean_objective([each.library for each in trees], [each.clusters(thresholds) for each in trees])


def moved_by(thresholds: Thresholds, aside: float) -> Thresholds:
    """The same with both thresholds of pass 2 moved."""
    t = thresholds
    return t.override({"linkage_threshold": t.linkage_threshold + aside, "pair_threshold": max(0.01, t.pair_threshold + aside)})
