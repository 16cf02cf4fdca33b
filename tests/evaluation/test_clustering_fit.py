"""Settings are judged on the same libraries every time, missing precision costs, and the search finds the top of a hill."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.evaluation.clustering_fit import (
    PAIR_PRICE,
    PRICE,
    LabelledSet,
    Library,
    libraries,
    mean_objective,
    objective,
    pattern_search,
    stranger_distances,
)
from facelib.evaluation.groups import b_cubed, pairwise
from tests.synthetic import unit


def a_set(seed: int, people: int, each: int, families: int = 0) -> LabelledSet:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), each)
    return unit(rng.normal(size=(people * each, 16))), who, who % families if families else who


def test_libraries_are_whole_sets_halves_mixtures_and_small_ones_and_always_the_same() -> None:
    sets = [a_set(0, 30, 4), a_set(1, 300, 2), a_set(2, 60, 3, families=50)]
    made, again = libraries(sets), libraries(sets)
    for one, other in zip(made, again, strict=True):
        assert (one.vectors == other.vectors).all() and (one.truth == other.truth).all() and one.weight == other.weight
    sizes = [len(library.truth) for library in made]
    assert {120, 600, 180, 720} <= set(sizes) and 3 * 4 + 20 * 2 in sizes
    for first, second, whole in ((1, 2, 120), (4, 5, 600), (7, 8, 180)):
        assert sizes[first] + sizes[second] == whole
        ours, theirs = ({row.tobytes() for row in made[k].vectors} for k in (first, second))
        assert not ours & theirs
    assert [library.kin for library in made].count(True) == 5
    mixed = made[sizes.index(720)]
    assert len(np.unique(mixed.truth)) == 330


def test_no_family_is_in_both_halves() -> None:
    vectors, person, family = a_set(3, 60, 3, families=10)
    made = libraries([(vectors, person, family)])
    family_of = {row.tobytes(): name for row, name in zip(vectors, family.tolist(), strict=True)}
    first, second = ({family_of[row.tobytes()] for row in library.vectors} for library in made[1:3])
    assert first and second and not first & second


def test_missing_precision_costs_and_less_of_it_is_asked_for_among_kin() -> None:
    truth = np.repeat(np.arange(10), 2)
    mixed = np.where(truth == 1, 0, truth)
    score, pairs = b_cubed(mixed, truth), pairwise(mixed, truth)
    strict, mild = (Library(np.zeros((20, 4)), truth, kin, 1.0) for kin in (False, True))
    assert objective(strict, mixed) == pytest.approx(score.f - PRICE * (0.99 - score.precision) - PAIR_PRICE * (0.99 - pairs.precision))
    assert objective(strict, truth) == objective(mild, truth) == 1
    assert objective(strict, mixed) < objective(mild, mixed)
    assert objective(strict, np.arange(20)) == b_cubed(np.arange(20), truth).f
    heavy = Library(np.zeros((20, 4)), truth, False, 3.0)
    assert mean_objective([heavy, strict], [truth, mixed]) == pytest.approx((3 + objective(strict, mixed)) / 4)


def test_where_there_are_others_kin_say_nothing_of_strangers() -> None:
    vectors, person, _ = a_set(4, 40, 2)
    distances = (1 - vectors @ vectors.T)[(person[:, None] != person) & np.triu(np.ones((80, 80), dtype=bool), 1)]
    strangers, kin = Library(vectors, person, False, 1.0), Library(vectors[:2], np.arange(2), True, 1.0)
    found = stranger_distances([kin, strangers], (1e-1, 1e-2))
    assert found[1e-1] == pytest.approx(np.quantile(distances, 0.1), abs=1e-6)
    assert found[1e-2] < found[1e-1]
    assert stranger_distances([kin], (0.5,))[0.5] == pytest.approx(1 - vectors[0] @ vectors[1], abs=1e-6)


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_top_of_a_hill_is_found_and_what_has_no_step_stays(x: float, y: float) -> None:
    def value(numbers: dict[str, float]) -> float:
        return -((numbers["x"] - x) ** 2) - (numbers["y"] - y) ** 2 if numbers["x"] < 0.5 else float("-inf")

    found, reached = pattern_search({"x": 0.0, "y": 0.0, "z": 7.0}, [{"x": 0.1}, {"y": 0.1}], value, rounds=4)
    assert abs(found["x"] - min(x, 0.5)) <= 0.11 and abs(found["y"] - y) <= 0.06 and found["z"] == 7
    assert reached == value(found) and found["x"] < 0.5


def test_a_ridge_is_followed_by_a_step_along_it() -> None:
    def value(numbers: dict[str, float]) -> float:
        return numbers["x"] - 100 * abs(numbers["x"] - numbers["y"]) if numbers["x"] <= 1 else float("-inf")

    across = [{"x": 0.1}, {"y": 0.1}]
    assert pattern_search({"x": 0.0, "y": 0.0}, across, value)[0] == {"x": 0.0, "y": 0.0}
    assert pattern_search({"x": 0.0, "y": 0.0}, [*across, {"x": 0.1, "y": 0.1}], value)[0] == {"x": 1.0, "y": 1.0}
