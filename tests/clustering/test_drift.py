"""Years that nothing leads to, and two halves of a life, are found; whoever meets, or is named twice, is two."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.clustering.drift import find_merges, find_splits
from facelib.clustering.years import YearSpans, calendar_years, year_spans
from facelib.thresholds import Thresholds
from tests.synthetic import around, growing, unit

THRESHOLDS = Thresholds()
YEAR = 365.25 * 86400
NOBODY = np.empty((0, 2), dtype=np.int64)


def extent(person: np.ndarray, seconds: np.ndarray, m: int) -> np.ndarray:
    return np.array([(seconds[person == k].min(), seconds[person == k].max()) for k in range(m)])


def cut(faces: np.ndarray, person: np.ndarray, seconds: np.ndarray) -> YearSpans:
    return year_spans(faces, person, seconds, THRESHOLDS.drift_faces)


def test_a_child_growing_up_is_one_person_and_its_far_years_are_far() -> None:
    faces, seconds = growing(np.random.default_rng(0), years=16, per_year=6, step=0.6)
    years = cut(faces, np.zeros(len(faces), dtype=np.int64), seconds)
    assert len(years) == 16
    assert 1 - years.means[0] @ years.means[-1] > THRESHOLDS.drift_far
    assert find_splits(years, np.ones(1, dtype=bool), THRESHOLDS) == []


def test_years_that_nothing_leads_to_are_found() -> None:
    rng = np.random.default_rng(1)
    one, other = growing(rng, years=6, per_year=5), growing(rng, years=3, per_year=5)
    faces = np.concatenate([one[0], other[0]])
    seconds = np.concatenate([one[1], other[1] + 9 * YEAR])
    years = cut(faces, np.zeros(len(faces), dtype=np.int64), seconds)
    (found,) = find_splits(years, np.ones(1, dtype=bool), THRESHOLDS)
    assert found.spans == (6, 7, 8) and found.distance > THRESHOLDS.drift_far > found.intra_distance
    assert (found.other, found.other_distance) == (-1, np.inf)


def test_a_year_of_a_brother_is_found_to_be_his_but_a_nameless_cluster_claims_nobody() -> None:
    rng = np.random.default_rng(2)
    centre = unit(rng.normal(size=(1, 64)))
    brother = unit(centre + unit(rng.normal(size=(1, 64))))
    faces = np.concatenate([around(rng, np.repeat(c, n, axis=0), 0.3) for c, n in ((centre, 24), (brother, 6), (brother, 24))])
    person = np.repeat([0, 0, 1], [24, 6, 24])
    seconds = np.concatenate([np.linspace(0, 4, 24), np.linspace(4.5, 4.9, 6), np.linspace(0, 4, 24)]) * YEAR
    years = cut(faces, person, seconds)
    (found,) = find_splits(years, np.ones(2, dtype=bool), THRESHOLDS)
    assert (found.person, found.other) == (0, 1) and found.other_distance < found.distance < THRESHOLDS.drift_far
    assert set(calendar_years(years.first[list(found.spans)])) == {1974}
    assert find_splits(years, np.array([True, False]), THRESHOLDS) == []


def test_two_halves_of_a_childhood_are_suggested_as_one_unless_somebody_said_otherwise() -> None:
    rng = np.random.default_rng(3)
    faces, seconds = growing(rng, years=12, per_year=6, step=0.25)
    stranger = growing(rng, years=5, per_year=6)
    person = np.concatenate([np.where(seconds < 6 * YEAR, 0, 1), np.full(len(stranger[0]), 2)])
    faces, seconds = np.concatenate([faces, stranger[0]]), np.concatenate([seconds, stranger[1] + 7 * YEAR])
    years, seen, nameless = cut(faces, person, seconds), extent(person, seconds, 3), np.zeros(3, dtype=bool)
    (found,) = find_merges(years, seen, nameless, NOBODY, THRESHOLDS)
    assert (found.before, found.after) == (0, 1) and found.distance < THRESHOLDS.drift_reach
    assert (years.person[found.last_span], years.person[found.first_span]) == (0, 1)
    assert find_merges(years, seen, np.array([True, False, True]), NOBODY, THRESHOLDS) == [found]
    assert find_merges(years, seen, np.array([True, True, False]), NOBODY, THRESHOLDS) == []
    assert find_merges(years, seen, nameless, np.array([[1, 0]]), THRESHOLDS) == []
    assert find_merges(years, seen, nameless, NOBODY, THRESHOLDS.override({"drift_days": 3000.0})) == []


def test_two_are_not_suggested_as_one_where_a_third_is_about_as_near() -> None:
    rng = np.random.default_rng(6)
    centre = unit(rng.normal(size=(1, 64)))
    faces, person = around(rng, np.repeat(centre, 36, axis=0), 0.3), np.repeat([0, 1], 18)
    seconds = np.linspace(0.1, 5.9, 36) * YEAR
    (found,) = find_merges(cut(faces, person, seconds), extent(person, seconds, 2), np.zeros(2, dtype=bool), NOBODY, THRESHOLDS)
    assert (found.before, found.after) == (0, 1)
    brother = unit(centre + 0.2 * unit(rng.normal(size=(1, 64))))
    faces, person = np.concatenate([faces, around(rng, np.repeat(brother, 36, axis=0), 0.3)]), np.append(person, np.full(36, 2))
    seconds = np.tile(seconds, 2)
    assert find_merges(cut(faces, person, seconds), extent(person, seconds, 3), np.zeros(3, dtype=bool), NOBODY, THRESHOLDS) == []


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(2, 7))
def test_pairs_are_those_that_the_distances_of_all_years_say(seed: int, people: int) -> None:
    rng = np.random.default_rng(seed)
    faces, person = unit(rng.normal(size=(60, 4))), rng.integers(0, people, 60)
    person[:people] = np.arange(people)
    seconds = (3 * rng.integers(0, 2, people)[person] + rng.uniform(0, 3, 60)) * YEAR
    lax = THRESHOLDS.override({"drift_reach": 1.5, "drift_clear": 0.02})
    years, seen, named = cut(faces, person, seconds), extent(person, seconds, people), rng.random(people) < 0.3
    distance = 1 - years.means @ years.means.T
    expected = set()
    for a in np.unique(years.person).tolist():
        for b in np.unique(years.person).tolist():
            ends, begins = np.flatnonzero(years.person == a)[-1], np.flatnonzero(years.person == b)[0]
            others = (years.person != a) & (years.person != b)
            rival = min(distance[ends, others].min(initial=np.inf), distance[begins, others].min(initial=np.inf))
            meets = a == b or seen[a, 1] >= seen[b, 0] or np.ptp(seen[[a, b]], axis=1).min() < 60 * 86400
            if not meets and not (named[a] and named[b]) and distance[ends, begins] < 1.5 and distance[ends, begins] + 0.02 <= rival:
                expected.add((a, b))
    assert {(each.before, each.after) for each in find_merges(years, seen, named, NOBODY, lax)} == expected


def test_those_who_meet_are_two() -> None:
    faces, seconds = growing(np.random.default_rng(4), years=8, per_year=6)
    person = np.arange(len(faces)) % 2
    assert find_merges(cut(faces, person, seconds), extent(person, seconds, 2), np.zeros(2, dtype=bool), NOBODY, THRESHOLDS) == []


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(0, 60), st.integers(1, 5))
def test_spans_hold_the_dated_faces_of_few_years_whatever_their_order(seed: int, people: int, n: int, least: int) -> None:
    rng = np.random.default_rng(seed)
    faces = around(rng, unit(rng.normal(size=(n, 8))), 0.1) if n else np.empty((0, 8), dtype=np.float32)
    person, seconds = rng.integers(-1, people, n), rng.uniform(0, 12 * YEAR, n)
    seconds[rng.random(n) < 0.2] = np.nan
    years = year_spans(faces, person, seconds, least)
    rows = np.flatnonzero(years.span_of_row >= 0)
    assert np.isfinite(seconds[rows]).all() and (person[rows] == years.person[years.span_of_row[rows]]).all()
    assert (years.counts >= least).all() and years.counts.sum() == len(rows)
    assert (calendar_years(years.last) - calendar_years(years.first) < 3).all()
    for k in range(len(years)):
        mine = years.span_of_row == k
        assert np.allclose(years.sums[k], faces[mine].sum(axis=0), atol=1e-5)
        assert (years.first[k], years.last[k]) == (seconds[mine].min(), seconds[mine].max())
    order = rng.permutation(n)
    again = year_spans(faces[order], person[order], seconds[order], least)
    assert (again.span_of_row == years.span_of_row[order]).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(0, 80))
def test_nobody_is_told_twice_of_one_year_nor_of_all_of_them(seed: int, people: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    faces, person, seconds = unit(rng.normal(size=(n, 6))), rng.integers(0, people, n), rng.uniform(0, 20 * YEAR, n)
    years = year_spans(faces, person, seconds, 1)
    found = find_splits(years, rng.random(people) < 0.5, THRESHOLDS)
    told = [k for each in found for k in each.spans]
    assert len(set(told)) == len(told)
    for each in found:
        assert (years.person[list(each.spans)] == each.person).all() and each.other != each.person
        assert 0 < len(each.spans) < (years.person == each.person).sum()
    nowhere = np.full((people, 2), np.nan)
    assert n or find_merges(years, nowhere, np.zeros(people, dtype=bool), NOBODY, THRESHOLDS) == found == []
