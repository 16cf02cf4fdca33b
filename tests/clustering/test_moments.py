"""Moments are cut at long pauses and far jumps, whatever the order of the photos."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.moments import cut_moments, great_circle_km

NAN = float("nan")


def test_cuts_at_long_pauses_and_far_jumps() -> None:
    seconds = np.array([0.0, 100, 5000, 5100, 5200, NAN])
    zagreb, split = (45.81, 15.98), (43.51, 16.44)
    places = np.array([zagreb, (NAN, NAN), zagreb, zagreb, split, zagreb])
    assert cut_moments(seconds, places, 1800, 2).tolist() == [0, 0, 1, 1, 2, -1]
    assert cut_moments(seconds, np.full((6, 2), NAN), 1800, 2).tolist() == [0, 0, 1, 1, 1, -1]


def test_a_photo_without_place_bridges_no_jump_and_an_old_place_cuts_no_new_moment() -> None:
    here, there, nowhere = (45.81, 15.98), (43.51, 16.44), (NAN, NAN)
    assert cut_moments(np.array([0.0, 10, 20]), np.array([here, nowhere, there]), 100, 2).tolist() == [0, 0, 1]
    assert cut_moments(np.array([0.0, 500, 510]), np.array([here, nowhere, there]), 100, 2).tolist() == [0, 1, 1]


def test_bounds_are_open() -> None:
    nowhere = np.full((2, 2), NAN)
    assert cut_moments(np.array([0.0, 100.0]), nowhere, 100, 2).tolist() == [0, 0]
    assert cut_moments(np.array([0.0, 100.1]), nowhere, 100, 2).tolist() == [0, 1]


def test_empty_and_wrong_shapes() -> None:
    assert cut_moments(np.empty(0), np.empty((0, 2)), 1, 1).tolist() == []
    with pytest.raises(ValueError):
        cut_moments(np.zeros(3), np.zeros((2, 2)), 1, 1)


def test_great_circle() -> None:
    assert great_circle_km(np.array([[0.0, 0.0]]), np.array([[0.0, 180.0]]))[0] == pytest.approx(np.pi * 6371.0088)
    assert great_circle_km(np.array([[52.52, 13.405]]), np.array([[48.8566, 2.3522]]))[0] == pytest.approx(878, abs=2)


instants = st.one_of(st.just(NAN), st.integers(0, 20).map(lambda k: 60.0 * k))
spots = st.one_of(st.just((NAN, NAN)), st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5])))


@given(st.lists(st.tuples(instants, spots), max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_the_photos_does_not_matter(photos: list[tuple[float, tuple[float, float]]], random: object) -> None:
    seconds = np.array([photo[0] for photo in photos])
    places = np.array([photo[1] for photo in photos]).reshape(-1, 2)
    permutation = np.random.default_rng(random.randint(0, 10**6)).permutation(len(photos))  # type: ignore[attr-defined]
    whole = cut_moments(seconds, places, 100, 20)
    assert cut_moments(seconds[permutation], places[permutation], 100, 20).tolist() == whole[permutation].tolist()
    assert ((whole < 0) == ~np.isfinite(seconds)).all()
    for m in range(int(whole.max(initial=-1)) + 1):
        assert (np.diff(np.sort(seconds[whole == m])) <= 100).all()
