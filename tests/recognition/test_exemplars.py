"""Exemplars are reliable and typical, cover appearance and years, and are no more than the dictionary has room for."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.recognition.exemplars import YEAR, choose_exemplars, exemplar_budget, reachable_in_time
from facelib.thresholds import Thresholds
from tests.synthetic import album, around, growing, unit

THRESHOLDS = Thresholds()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_up_to_so_many_reliable_rows_of_each_cluster(seed: int, k: int) -> None:
    made = album(seed, people=5, photos=40, unreliable=0.2, faceless=0.1)
    observations = made.observations
    rows = choose_exemplars(observations.faces, made.truth, observations.reliability, made.seconds, THRESHOLDS.override({"exemplars": k}))
    assert len(np.unique(rows)) == len(rows)
    assert observations.reliable(THRESHOLDS.min_reliability)[rows].all()
    usable = np.bincount(made.truth[observations.reliable(0.5)], minlength=5)
    assert (np.bincount(made.truth[rows], minlength=5) <= np.minimum(usable, k)).all()
    assert (np.bincount(made.truth[rows], minlength=5) >= np.minimum(usable * 0.7, k).astype(int)).all()


def test_a_wrong_face_in_a_cluster_is_no_exemplar_unless_confirmed() -> None:
    rng = np.random.default_rng(1)
    person, stranger = unit(rng.normal(size=(2, 64)))
    faces = np.concatenate([around(rng, np.repeat(person[None], 12, axis=0), 0.5), stranger[None]])
    clusters, unknown = np.zeros(13, dtype=np.int64), np.full(13, np.nan)
    assert 12 not in choose_exemplars(faces, clusters, np.ones(13), unknown, THRESHOLDS)
    confirmed = np.arange(13) == 12
    assert 12 in choose_exemplars(faces, clusters, np.where(confirmed, 0.1, 1), unknown, THRESHOLDS, confirmed)


def test_exemplars_cover_looks_and_years() -> None:
    rng = np.random.default_rng(2)
    person = unit(rng.normal(size=(1, 64)))
    common = around(rng, np.repeat(person, 50, axis=0), 0.3)
    glasses = around(rng, np.repeat(unit(person + 0.5 * unit(rng.normal(size=(1, 64)))), 3, axis=0), 0.2)
    faces = np.concatenate([common, glasses])
    few = THRESHOLDS.override({"exemplars": 4})
    clusters = np.zeros(53, dtype=np.int64)
    assert max(choose_exemplars(faces, clusters, np.ones(53), np.full(53, np.nan), few)) >= 50
    same_look = around(rng, np.repeat(person, 53, axis=0), 0.05)
    years = np.where(np.arange(53) >= 50, 12 * YEAR, 0.0)
    assert max(choose_exemplars(same_look, clusters, np.ones(53), years, few)) >= 50


def test_no_cluster_no_exemplar() -> None:
    made = album(photos=3)
    nobody = np.full(len(made.truth), -1)
    assert len(choose_exemplars(made.observations.faces, nobody, made.observations.reliability, made.seconds, THRESHOLDS)) == 0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(0, 4), st.floats(0.1, 0.9))
def test_each_era_has_an_exemplar_however_few_its_faces(seed: int, eras: int, more: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    sizes = np.concatenate([rng.integers(1, 4, eras - 1), [60]])
    era = np.repeat(rng.permutation(eras), sizes)
    faces = around(rng, np.repeat(unit(rng.normal(size=(1, 32))), len(era), axis=0), spread)
    # Ten years and more between them, a day each: the mean distance of none is unusual, so that all may be chosen.
    seconds = era * 10.5 * YEAR + rng.uniform(0, 86400, len(era))
    loose = THRESHOLDS.override({"exemplars": eras + more, "outlier_distance": 2.0})
    rows = choose_exemplars(faces, np.zeros(len(era), dtype=np.int64), np.ones(len(era)), seconds, loose)
    assert set(era[rows].tolist()) == set(range(eras)) and len(rows) == min(eras + more, len(era))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.integers(4, 14), st.floats(0.0, 0.4))
def test_no_year_of_a_childhood_is_far_from_an_exemplar_and_lost_times_harm_nothing(seed: int, years: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    faces, seconds = growing(rng, years, per_year=24, step=step)
    year = np.floor(seconds / YEAR).astype(int)
    # Many photos of the last two years, few of the others.
    kept = np.flatnonzero((year >= years - 2) | (np.arange(len(year)) % 8 == 0))
    faces, seconds, year = faces[kept], seconds[kept], year[kept]
    clusters, loose = np.zeros(len(kept), dtype=np.int64), THRESHOLDS.override({"outlier_distance": 2.0})
    rows = choose_exemplars(faces, clusters, np.ones(len(kept)), seconds, loose)
    assert np.abs(year[:, None] - year[rows][None]).min(axis=1).max() <= 1
    some = np.where(rng.random(len(kept)) < 0.5, np.nan, seconds)
    for times in (some, np.full(len(kept), np.nan)):
        found = choose_exemplars(faces, clusters, np.ones(len(kept)), times, loose)
        assert len(np.unique(found)) == len(found) == min(THRESHOLDS.exemplars, len(kept))


def test_times_of_one_day_choose_as_no_times_do() -> None:
    made = album(5, people=4, photos=60)
    observations, day = made.observations, np.full(len(made.truth), 1.5e9)
    chosen = [
        choose_exemplars(observations.faces, made.truth, observations.reliability, times, THRESHOLDS.override({"exemplars": 6}))
        for times in (day, np.full(len(day), np.nan))
    ]
    assert chosen[0].tolist() == chosen[1].tolist()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.2, 0.4))
def test_years_lead_to_the_few_faces_of_childhood_but_not_to_a_stranger(seed: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    faces, seconds = growing(rng, 12, per_year=20, step=step, spread=0.4)
    year = np.floor(seconds / YEAR).astype(int)
    kept = np.flatnonzero((year >= 9) | (np.arange(len(year)) % 20 < 4))
    stranger = around(rng, unit(rng.normal(size=(1, 64))), 0.4)
    faces, seconds, year = np.concatenate([faces[kept], stranger]), np.append(seconds[kept], 4.5 * YEAR), np.append(year[kept], 99)
    tight = THRESHOLDS.override({"outlier_distance": 0.4, "exemplars": 36})
    rows = choose_exemplars(faces, np.zeros(len(year), dtype=np.int64), np.ones(len(year)), seconds, tight)
    assert np.abs(np.arange(12)[:, None] - year[rows][None]).min(axis=1).max() <= 1
    assert len(year) - 1 not in rows


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 25), st.floats(0.1, 1.2))
def test_reachable_in_time_is_what_a_mean_over_the_years_beside_says(seed: int, n: int, cut: float) -> None:
    rng = np.random.default_rng(seed)
    faces, seconds, kept = unit(rng.normal(size=(n, 5))), rng.uniform(0, 9 * YEAR, n), rng.random(n) < 0.5
    seconds[rng.random(n) < 0.2] = np.nan
    expected = kept.copy()
    while True:
        more = expected.copy()
        for row in np.flatnonzero(~expected):
            beside = expected & (np.abs(seconds - seconds[row]) <= 2 * YEAR)
            more[row] = beside.sum() >= 3 and (1 - faces[beside] @ faces[row]).mean() < cut
        if (more == expected).all():
            break
        expected = more
    assert (reachable_in_time(faces, seconds, kept, cut) == expected).all()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=60), st.integers(100, 600))
def test_budgets_keep_the_dictionary_bounded_and_named_people_in_it(clusters: list[tuple[int, bool]], room: int) -> None:
    size, named = np.array([s for s, _ in clusters]), np.array([n for _, n in clusters])
    thresholds = THRESHOLDS.override({"dictionary": room})
    budget = exemplar_budget(size, named, thresholds)
    assert np.minimum(size, budget).sum() <= room and budget.max() <= thresholds.exemplars
    assert (budget[named & (size > 0)] >= 1).all()
    assert budget[named].min(initial=thresholds.exemplars) >= min(budget[~named].max(initial=0), thresholds.exemplars)
