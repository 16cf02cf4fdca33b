"""Fitting the thresholds of clustering: the objective on labelled faces, and a pattern search that maximises it.

One setting must serve libraries that were never seen. So it is judged on whole sets, on all of them in one library, on halves of
the people of each, and on small libraries of a few people and passers-by; and a little to either side of its values. A setting
that is best only to the third decimal, or only at the size it was fitted at, loses to one that is good all around.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise as neighbours

import numpy as np

from facelib.evaluation.groups import b_cubed, pairwise
from facelib.evaluation.open_set import halves

LabelledSet = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Vectors, persons and families, a row each."""
TARGET, TARGET_AMONG_KIN = 0.99, 0.94
"""B-cubed precision to reach; lower where sets hold families, whose labels have errors and whose people are alike."""
PRICE, PAIR_PRICE = 3.0, 0.5
"""Cost of each unit of precision below the target, in units of F: of B-cubed precision, and of precision over pairs."""
PAIR_TARGET_AMONG_KIN = 0.85
SMALL = ((3, 20), (10, 60), (25, 250))
"""Small libraries of each pair of sets: so many people of one, and of the next."""
SMALL_WEIGHT, HALF_WEIGHT, KIN_WEIGHT = 0.3, 0.45, 0.4


@dataclass(frozen=True, eq=False)
class Library:
    """Labelled faces as one library.

    Attributes
    ----------
    vectors : ndarray of shape (n, d), float32, rows of unit length
    truth : ndarray of shape (n,), int64
    kin : bool
        Whether it holds families; then the target precision is lower.
    weight : float
        Among all libraries.
    """

    vectors: np.ndarray
    truth: np.ndarray
    kin: bool
    weight: float


def libraries(sets: Sequence[LabelledSet], seed: int = 0) -> list[Library]:
    """Make libraries of labelled sets; the same sets give the same libraries.

    Parameters
    ----------
    sets : sequence of (ndarray of shape (n, d), ndarray of shape (n,), ndarray of shape (n,))
        Unit vectors, persons and families; in a set without families each person is one.
    """
    rng = np.random.default_rng(seed)
    made, plain = [], []
    for vectors, person, families in sets:
        truth = np.unique(person, return_inverse=True)[1].astype(np.int64)
        kin = len(np.unique(families)) < int(truth.max(initial=-1)) + 1
        half, weight = halves(families, seed), KIN_WEIGHT if kin else 1.0
        made.append(Library(vectors, truth, kin, weight))
        made += [Library(vectors[part], truth[part], kin, weight * HALF_WEIGHT) for part in (half, ~half)]
        if not kin:
            plain.append((vectors, truth))
        else:
            for count in (10, 40):
                few = np.isin(families, rng.permutation(np.unique(families))[:count])
                made.append(Library(vectors[few], truth[few], kin, weight * SMALL_WEIGHT))
    if len(plain) > 1:
        made.append(_together(plain, 1.0))
        for one, other in neighbours(plain):
            made += [_together([_some(one, a, rng), _some(other, b, rng)], SMALL_WEIGHT) for a, b in SMALL]
    return made


def _together(parts: list[tuple[np.ndarray, np.ndarray]], weight: float) -> Library:
    starts = np.concatenate([[0], np.cumsum([truth.max(initial=-1) + 1 for _, truth in parts])])
    truth = np.concatenate([truth + start for (_, truth), start in zip(parts, starts[:-1], strict=True)])
    return Library(np.concatenate([vectors for vectors, _ in parts]), truth, False, weight)


def _some(labelled: tuple[np.ndarray, np.ndarray], people: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    vectors, truth = labelled
    chosen = np.isin(truth, rng.permutation(np.unique(truth))[:people])
    return vectors[chosen], truth[chosen]


def stranger_distances(tested: Sequence[Library], rates: tuple[float, ...]) -> dict[float, float]:
    """Quantiles of the distances of strangers at ``rates``, over the libraries without kin, or over all if each has kin."""
    distances = []
    for library in [library for library in tested if not library.kin] or tested:
        vectors, truth = library.vectors, library.truth
        for start in range(0, len(truth), 1024):
            rows = slice(start, start + 1024)
            later = np.arange(len(truth)) > np.arange(len(truth))[rows, None]
            distances.append((1 - vectors[rows] @ vectors.T)[later & (truth[rows, None] != truth)])
    pooled = np.concatenate(distances)
    return {rate: float(np.quantile(pooled, rate)) for rate in rates}


def objective(library: Library, clusters: np.ndarray) -> float:
    """B-cubed F, less the cost of precision below the target."""
    score, pairs = b_cubed(clusters, library.truth), pairwise(clusters, library.truth)
    target, of_pairs = (TARGET_AMONG_KIN, PAIR_TARGET_AMONG_KIN) if library.kin else (TARGET, TARGET)
    return score.f - PRICE * max(0.0, target - score.precision) - PAIR_PRICE * max(0.0, of_pairs - pairs.precision)


def mean_objective(tested: Sequence[Library], clusters: Sequence[np.ndarray]) -> float:
    """:func:`objective`, averaged over libraries by their weights."""
    values = [objective(library, labels) for library, labels in zip(tested, clusters, strict=True)]
    return float(np.average(values, weights=[library.weight for library in tested]))


def pattern_search(
    start: Mapping[str, float], steps: Sequence[Mapping[str, float]], value: Callable[[dict[str, float]], float], rounds: int = 3
) -> tuple[dict[str, float], float]:
    """Pattern search (Hooke, Jeeves 1961): along each direction in turn, either way, while the value rises; halved steps at the end.

    Parameters
    ----------
    start : mapping
        Where to begin; numbers that no step moves stay.
    steps : sequence of mappings
        What each step adds to which numbers, in the order in which they are tried.
    value : callable
        The higher, the better; ``-inf`` for a setting that is not allowed.

    Returns
    -------
    dict, float
        The best setting and its value. Nothing is random.
    """
    best, highest = dict(start), value(dict(start))
    for number in range(rounds):
        size = 1.0 if number < rounds - 1 else 0.5
        for step, way in [(step, way) for step in steps for way in (size, -size)]:
            while True:
                tried = {name: round(at + way * step.get(name, 0.0), 6) for name, at in best.items()}
                reached = value(tried)
                if reached <= highest + 1e-6:
                    break
                best, highest = tried, reached
    return best, highest
