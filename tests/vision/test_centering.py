"""Centering: vectors stay of unit length, faces that crowd come apart, and a wrong file is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from facelib.errors import WeightsError
from facelib.vision.centering import Centering, localized_centering, read_centroids, read_mean
from tests.synthetic import unit


def crowd(rng: np.random.Generator, towards: np.ndarray, people: int, photos: int) -> np.ndarray:
    """Photos of people who all lie near one direction, as small children do: shape (people, photos, d)."""
    persons = unit(towards + 0.6 * unit(rng.standard_normal((people, towards.shape[-1]))))
    shifts = 0.5 * unit(rng.standard_normal((people * photos, towards.shape[-1]))).reshape(people, photos, -1)
    return unit((persons[:, None] + shifts).reshape(people * photos, -1)).reshape(people, photos, -1)


@given(st.integers(0, 1000), st.floats(0, 1), st.floats(0, 50))
def test_rows_stay_of_unit_length_and_do_not_depend_on_one_another(seed: int, part: float, sharpness: float) -> None:
    rng = np.random.default_rng(seed)
    vectors, centres = unit(rng.standard_normal((9, 16))), 0.7 * unit(rng.standard_normal((5, 16)))
    moved = localized_centering(vectors, centres, part, sharpness)
    assert moved.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(moved[3:4], localized_centering(vectors[3:4], centres, part, sharpness), atol=1e-5)
    # The order of the centres says nothing.
    np.testing.assert_allclose(moved, localized_centering(vectors, centres[::-1], part, sharpness), atol=1e-5)


def test_nothing_taken_away_changes_nothing() -> None:
    vectors = unit(np.random.default_rng(0).standard_normal((4, 8)))
    np.testing.assert_allclose(localized_centering(vectors, vectors[:2], 0.0, 20.0), vectors, atol=1e-6)
    assert localized_centering(vectors[:0], vectors[:2], 0.8, 20.0).shape == (0, 8)


def test_without_sharpness_it_is_the_mean_that_is_taken_away() -> None:
    rng = np.random.default_rng(1)
    vectors, centres = unit(rng.standard_normal((4, 8))), 0.5 * unit(rng.standard_normal((3, 8)))
    np.testing.assert_allclose(localized_centering(vectors, centres, 0.8, 0.0), unit(vectors - 0.8 * centres.mean(axis=0)), atol=1e-5)


def test_people_of_a_crowd_come_apart_while_others_stay_as_they_are() -> None:
    rng = np.random.default_rng(2)
    direction = unit(rng.standard_normal((1, 64)))
    children, strangers = crowd(rng, direction, 20, 2), crowd(rng, unit(rng.standard_normal((20, 64))), 20, 2)
    centres = np.concatenate([crowd(rng, direction, 40, 1).mean(axis=0), 0.3 * unit(rng.standard_normal((10, 64)))])

    def gap(photos: np.ndarray) -> float:
        """How much nearer two photos of one are than of two, as a part of how near they could be."""
        one, other = photos[:, 0], photos[:, 1]
        near = one @ other.T
        same = float(np.mean(np.diag(near)))
        return (same - float(np.quantile(near[~np.eye(len(near), dtype=bool)], 0.9))) / same

    centered = localized_centering(children.reshape(-1, 64), centres, 0.8, 20.0).reshape(children.shape)
    assert gap(centered) > 1.5 * gap(children) > 0
    still = localized_centering(strangers.reshape(-1, 64), centres, 0.8, 20.0).reshape(strangers.shape)
    assert abs(gap(still) - gap(strangers)) < 0.2 * gap(strangers)


def test_the_mean_is_subtracted_first_then_the_centroids_that_resemble_a_vector(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    vectors, centre, centres = unit(rng.standard_normal((4, 8))), unit(rng.standard_normal((1, 8)))[0], unit(rng.standard_normal((3, 8)))
    np.testing.assert_array_equal(Centering().centered(vectors), vectors)
    expected = localized_centering(unit(vectors - centre), centres, 0.5, 20.0)
    np.testing.assert_allclose(Centering(centre, centres, 0.5, 20.0).centered(vectors), expected, atol=1e-6)

    save_file({"centre": centre}, tmp_path / "centre")
    save_file({"centres": centres, "part": np.float32([0.5]), "sharpness": np.float32([20])}, tmp_path / "centres")
    np.testing.assert_array_equal(read_mean(tmp_path / "centre", 8).mean, centre)
    read = read_centroids(tmp_path / "centres", 8)
    np.testing.assert_allclose(read.centered(vectors), localized_centering(vectors, centres, 0.5, 20.0), atol=1e-6)


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    save_file({"centre": np.zeros(8, np.float32)}, tmp_path / "centre")
    with pytest.raises(WeightsError, match="no centre of the right shape"):
        read_mean(tmp_path / "centre", 9)
    with pytest.raises(WeightsError, match="no centres of the right shape"):
        read_centroids(tmp_path / "centre", 8)
    save_file({"centre": np.full(8, np.inf, np.float32)}, tmp_path / "centre")
    with pytest.raises(WeightsError, match="no centre"):
        read_mean(tmp_path / "centre", 8)
    with pytest.raises(WeightsError, match="cannot read"):
        read_mean(tmp_path / "none", 8)
