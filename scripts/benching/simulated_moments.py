"""Libraries of moments, simulated with views of labelled photos, and the scores of pass 1 on them."""

from __future__ import annotations

import itertools

import numpy as np

from benching.moment_views import HARD, HIDDEN, Views
from facelib.clustering.observations import Observations
from facelib.clustering.within_moments import group_within_moments
from facelib.evaluation.groups import pairwise
from facelib.thresholds import Thresholds

STRANGERS = 0.2
"""Share of the people who are seen in one moment only."""
RELIABILITY = {HIDDEN: 0.0, HARD: 0.6}
PLAIN_RELIABILITY = 0.95

Library = tuple[Observations, np.ndarray]
"""Observations, and who each of them is: ndarray of shape (n,), int64."""


def simulated_libraries(views: Views, truth: np.ndarray, length: int, count: int) -> list[Library]:
    """``count`` libraries whose moments have ``length`` photos; the same at every call."""
    return [simulated_library(views, truth, length, np.random.default_rng([7, length, k])) for k in range(count)]


def simulated_library(views: Views, truth: np.ndarray, length: int, rng: np.random.Generator) -> Library:
    """Moments of ``length`` photos, two or three people in each, of whom each wears what one photo shows."""
    order = _photos_in_order(truth, rng)
    rows, photo, moment, taken = [], [], [], 0
    start = 0
    for number in itertools.count():
        together: list[int] = []
        for shown in order[start : start + int(rng.integers(2, 4))]:
            if truth[shown] not in truth[together]:
                together.append(shown)
            start += 1
        if not together:
            break
        for shown in together:
            own = np.flatnonzero(views.photo == shown)
            rows += own[rng.choice(len(own), length, replace=False)].tolist()
            photo += list(range(taken, taken + length))
            moment += [number] * length
        taken += length
    chosen = np.array(rows)
    unknown = np.full(len(chosen), -1)
    kind = views.kind[chosen]
    reliability = np.where(kind == HIDDEN, RELIABILITY[HIDDEN], np.where(kind == HARD, RELIABILITY[HARD], PLAIN_RELIABILITY))
    library = Observations(views.faces[chosen], views.bodies[chosen], np.array(photo), np.array(moment), reliability, unknown, unknown)
    return library, truth[views.photo[chosen]]


def _photos_in_order(truth: np.ndarray, rng: np.random.Generator) -> list[int]:
    """The photos in random order, one only of each stranger."""
    people = rng.permutation(len(np.unique(truth)))
    strangers = set(people[: int(STRANGERS * len(people))].tolist())
    seen: set[int] = set()
    order = []
    for number in rng.permutation(len(truth)).tolist():
        person = int(truth[number])
        if person not in strangers or person not in seen:
            order.append(number)
            seen.add(person)
    return order


def without_bodies(rows: Observations) -> Observations:
    return Observations(rows.faces, np.zeros((len(rows), 0)), rows.photo, rows.moment, rows.reliability, rows.person, rows.anchor)


def score_first_pass(libraries: list[Library], thresholds: Thresholds) -> tuple[float, float, float]:
    """Pairwise precision and recall of pass 1 within moments over faces, and the share of faceless observations that were joined."""
    groups, truths, faceless = [], [], []
    shift = 0
    for rows, truth in libraries:
        groups.append(group_within_moments(rows, thresholds) + shift)
        truths.append((truth * 100_000 + rows.moment) + 10**9 * shift)
        faceless.append(~rows.has_face)
        shift += len(rows)
    label, true, bare = np.concatenate(groups), np.concatenate(truths), np.concatenate(faceless)
    score, with_faceless = pairwise(label[~bare], true[~bare]), pairwise(label, true)
    group = np.unique(label, return_inverse=True)[1]
    joined = np.bincount(group)[group][bare] > 1
    return min(score.precision, with_faceless.precision), score.recall, float(joined.mean()) if bare.any() else 0.0
