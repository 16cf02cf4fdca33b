"""Embeddings keep their direction in half precision; what is not a unit vector is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.store.vectors import decode, decode_sum, encode, encode_sum


@given(st.integers(0, 6), st.integers(1, 520), st.integers(0, 2**32 - 1), st.floats(0.05, 8))
def test_a_round_trip_keeps_each_number_and_the_length(n: int, d: int, seed: int, spread: float) -> None:
    rows = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float64)
    rows = np.sign(rows) * np.abs(rows) ** spread + 1e-30
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    blobs = encode(rows)
    back = decode(blobs, d)
    assert [len(blob) for blob in blobs] == [2 * d] * n
    assert back.shape == (n, d) and back.dtype == np.float32
    # Half a unit in the last of 11 bits, or half the smallest subnormal; the length mends itself by as much again.
    assert np.all(np.abs(back - rows) <= 2.0**-11 * np.abs(rows) * 2.02 + 2.0**-25 * 1.01)
    np.testing.assert_allclose(np.linalg.norm(back, axis=1), 1, atol=1e-5)


@given(st.integers(0, 2**32 - 1))
def test_distances_move_by_less_than_a_thousandth(seed: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((8, 128))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    back = decode(encode(rows), 128)
    assert np.abs(back @ back.T - rows @ rows.T).max() < 1e-3


def test_the_bytes_are_little_endian_halves() -> None:
    assert encode(np.array([[1.0, 0.0, -0.5]], dtype=np.float32)) == [b"\x00\x3c\x00\x00\x00\xb8"]
    assert encode_sum(np.array([1.0, -2.0], dtype=np.float32)) == b"\x00\x00\x80\x3f\x00\x00\x00\xc0"
    np.testing.assert_array_equal(decode_sum(encode_sum(np.array([3.5, 1e9]))), np.array([3.5, 1e9], dtype=np.float32))


@pytest.mark.parametrize("rows", [np.array([[np.nan, 0.0]]), np.array([[np.inf, 0.0]]), np.array([[70000.0, 0.0]]), np.ones(3)])
def test_what_is_no_unit_vector_is_refused(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match="unit vectors"):
        encode(rows)


def test_a_blob_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not have 3 numbers"):
        decode([b"\x00\x3c"], 3)


def test_zeros_stay_zeros() -> None:
    assert not decode(encode(np.zeros((1, 4), dtype=np.float32)), 4).any()
