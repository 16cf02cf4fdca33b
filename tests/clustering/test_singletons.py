"""A face left alone joins a known person by the ratio test, as by definition, and never two people of one photo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from facelib.clustering import singletons
from facelib.clustering.adaptive_threshold import effective_size, excess_variance
from facelib.clustering.constraints import Constraints
from facelib.clustering.singletons import attach_singletons
from facelib.clustering.sums import intra_distances
from tests.clustering.test_linkage import random_constraints
from tests.synthetic import around, unit

USUAL = 0.3


def library(seed: int, people: int = 5, singles: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums and numbers of a few people's clusters and of single faces near some of them; penalties."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(people, 16)))
    counts = np.concatenate([rng.integers(1, 8, people), rng.integers(0, 2, singles)])
    who = np.concatenate([np.arange(people), rng.integers(0, people, singles)])
    faces = [around(rng, np.repeat(centres[[k]], max(n, 1), axis=0), 0.8)[:n] for k, n in zip(who, counts, strict=True)]
    sums = np.stack([of_one.sum(axis=0) for of_one in faces])
    return sums.astype(np.float32), counts, (0.2 * rng.random(len(counts)) - 0.1).astype(np.float32)


def by_definition(sums: np.ndarray, counts: np.ndarray, penalty: np.ndarray, held: Constraints, reach: float, margin: float) -> np.ndarray:
    """One at a time, the nearest first."""
    spreads = intra_distances(sums, counts)
    seen = effective_size(spreads, counts, USUAL)
    allowed = [float(excess_variance(spreads[None, [k]], seen[None, [k]], USUAL)[0]) for k in range(len(counts))]
    offers = []
    for x in range(len(counts)):
        if not 0 < seen[x] < singletons.KNOWN_SIZE or held.person[x] >= 0 or x in held.rejected[:, 0]:
            continue
        there = [
            (1 - float(sums[x] @ sums[y]) / (counts[x] * counts[y]) + float(penalty[x] + penalty[y]) / 2 - allowed[y], y)
            for y in range(len(counts))
            if y != x and counts[y]
        ]
        best = min((offer for offer in there if seen[offer[1]] >= singletons.KNOWN_SIZE), default=(2.0, -1))
        other = min((offer[0] for offer in there if offer[1] != best[1]), default=2.0)
        if best[0] < reach and best[0] < other - margin and held.allow(np.array([x]), np.array([best[1]]))[0]:
            offers.append((best[0], x, best[1]))
    target = np.arange(len(counts))
    for _, x, y in sorted(offers):
        beside = [k for k in np.flatnonzero(target == y).tolist() if k != y]
        if all(sorted((x, k)) not in held.cannot_link.tolist() for k in beside):
            target[x] = y
    return target


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.floats(0.2, 0.9), st.floats(0, 0.3))
@example(1803, 0.75, 0.0)
def test_as_by_definition_whatever_the_blocks(seed: int, reach: float, margin: float) -> None:
    sums, counts, penalty = library(seed)
    held = random_constraints(np.random.default_rng(seed), len(counts))
    before = [array.copy() for array in (sums, counts, penalty)]
    expected = by_definition(sums, counts, penalty, held, reach, margin)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(singletons, "ROWS", 3)
        patch.setattr(singletons, "COLUMNS", 4)
        assert attach_singletons(sums, counts, penalty, held, USUAL, reach, margin).tolist() == expected.tolist()
    assert attach_singletons(sums, counts, penalty, held, USUAL, reach, margin).tolist() == expected.tolist()
    assert all((now == then).all() for now, then in zip((sums, counts, penalty), before, strict=True))
    assert (expected[expected] == expected).all()


def test_a_poor_photo_of_somebody_known_is_taken_in_unless_somebody_else_is_as_near() -> None:
    rng = np.random.default_rng(3)
    known = unit(rng.normal(size=(1, 128)))
    faces = around(rng, np.repeat(known, 6, axis=0), 0.6)
    poor = unit(known + 1.1 * unit(rng.normal(size=(1, 128))))
    beside = unit(poor + 0.8 * unit(rng.normal(size=(1, 128))))
    sums, counts = np.concatenate([faces.sum(axis=0, keepdims=True), poor, beside]), np.array([6, 1, 1])
    for m, expected in ((2, [0, 0]), (3, [0, 1, 2])):
        found = attach_singletons(sums[:m], counts[:m], np.zeros(m), Constraints.none(m), USUAL, 0.6, 0.05)
        assert found.tolist() == expected
    assert attach_singletons(sums[:2], counts[:2], np.zeros(2), Constraints.none(2), USUAL, 0.3, 0.05).tolist() == [0, 1]


def test_two_people_of_one_photo_are_not_both_taken_in() -> None:
    rng = np.random.default_rng(4)
    known = unit(rng.normal(size=(1, 64)))
    faces, poor = around(rng, np.repeat(known, 6, axis=0), 0.6), around(rng, np.repeat(known, 2, axis=0), 0.9)
    sums, counts = np.concatenate([faces.sum(axis=0, keepdims=True), poor]), np.array([6, 1, 1])
    none = Constraints.none(3)
    assert attach_singletons(sums, counts, np.zeros(3), none, USUAL, 0.8, 0.0).tolist() == [0, 0, 0]
    apart = Constraints(none.person, np.array([[1, 2]]), none.rejected)
    nearer = 1 + int(np.argmin(1 - poor @ sums[0]))
    expected = [0, *(0 if k == nearer else k for k in (1, 2))]
    assert attach_singletons(sums, counts, np.zeros(3), apart, USUAL, 0.8, 0.0).tolist() == expected
