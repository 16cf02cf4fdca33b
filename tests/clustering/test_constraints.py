"""What may not be joined stays so after joining, however the pairs were given."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.constraints import Constraints, pairs_within, same_photo_pairs
from tests.synthetic import album

links = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30)


@given(links)
def test_pairs_within_are_all_pairs(made: list[tuple[int, int]]) -> None:
    array = np.array(made, dtype=np.int64).reshape(-1, 2)
    expected = {(b, d) for a, b in made for c, d in made if a == c and b < d}
    found = pairs_within(array[:, 0], array[:, 1])
    assert set(map(tuple, found.tolist())) == expected and len(found) == len(expected)


@given(links, links, st.lists(st.integers(-1, 3), min_size=10, max_size=10), st.lists(st.integers(0, 4), min_size=10, max_size=10))
def test_what_is_forbidden_stays_so_after_joining(
    apart: list[tuple[int, int]], rejected: list[tuple[int, int]], person: list[int], target: list[int]
) -> None:
    pairs = np.array([(min(p), max(p)) for p in apart if p[0] != p[1]], dtype=np.int64).reshape(-1, 2)
    raw = Constraints(np.array(person), pairs, np.array(rejected, dtype=np.int64).reshape(-1, 2))
    before, after = raw.joined(np.arange(10), 10), raw.joined(np.array(target), 5)
    a, b = (grid.ravel() for grid in np.meshgrid(np.arange(10), np.arange(10)))
    allowed = before.allow(a, b)
    for i, j, fine in zip(a.tolist(), b.tolist(), allowed.tolist(), strict=True):
        different = person[i] >= 0 and person[j] >= 0 and person[i] != person[j]
        named = {(i, person[j]), (j, person[i])} & set(rejected)
        assert fine == (not different and not named and [min(i, j), max(i, j)] not in pairs.tolist())
    crossing = np.array(target)[a] != np.array(target)[b]
    apart_before = np.array([[min(i, j), max(i, j)] in pairs.tolist() for i, j in zip(a, b, strict=True)])
    assert not after.allow(np.array(target)[a], np.array(target)[b])[crossing & apart_before].any()


def test_one_photo_keeps_people_apart_unless_they_are_a_mirror_image() -> None:
    made = album(photos=3, per_photo=2)
    faces = made.observations.faces.copy()
    faces[1] = faces[0]
    observations = dataclasses.replace(made.observations, faces=faces)
    assert same_photo_pairs(observations, 0.05).tolist() == [[2, 3], [4, 5]]
    assert same_photo_pairs(dataclasses.replace(observations, faces=0 * faces), 0.05).tolist() == [[0, 1], [2, 3], [4, 5]]


def test_pairs_in_any_order_are_looked_up() -> None:
    given_pairs = np.array([[4, 1], [2, 9], [1, 7], [9, 2], [3, 3], [8, 11]])
    constraints = Constraints(np.full(12, -1), given_pairs, np.array([[10, 2], [2, 0], [10, 2]]))
    assert constraints.cannot_link.tolist() == [[1, 4], [1, 7], [2, 9], [8, 11]]
    assert constraints.rejected.tolist() == [[2, 0], [10, 2]]
    for a, b in ((1, 4), (7, 1), (9, 2), (11, 8)):
        assert not constraints.allow(np.array([a]), np.array([b]))[0]
