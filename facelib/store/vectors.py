"""The stored form of embeddings: little-endian float16. No database here.

Half precision changes each number by at most 2**-11 of it (2**-25 for the smallest), so the distance of two unit vectors changes by
less than 0.001, and a million faces of 512 numbers need 1 GB instead of 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def encode(vectors: np.ndarray) -> list[bytes]:
    """Encode unit vectors, one blob each.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32, rows of unit length, finite

    Returns
    -------
    list of n bytes, 2 d long each

    Raises
    ------
    ValueError
        If a number is not finite or beyond 1, or the array does not have two dimensions.
    """
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or not np.isfinite(vectors).all() or (np.abs(vectors) > 1.001).any():
        raise ValueError("embeddings must be finite unit vectors, one a row")
    halves = np.ascontiguousarray(vectors, dtype="<f2")
    return [row.tobytes() for row in halves]


def decode(blobs: Sequence[bytes], dimension: int) -> np.ndarray:
    """Decode blobs, and scale the vectors to unit length again.

    Parameters
    ----------
    blobs : sequence of n bytes
    dimension : int
        The dimension d of every vector.

    Returns
    -------
    ndarray of shape (n, d), float32, rows of unit length (a row of zeros stays)

    Raises
    ------
    ValueError
        If a blob has another length.
    """
    if any(len(blob) != 2 * dimension for blob in blobs):
        raise ValueError(f"an embedding does not have {dimension} numbers")
    vectors = np.frombuffer(b"".join(blobs), dtype="<f2").reshape(len(blobs), dimension).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    np.divide(vectors, lengths, out=vectors, where=lengths > 0)
    return vectors


def encode_sum(vector: np.ndarray) -> bytes:
    """Encode one vector of shape (d,), of any length, as little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def decode_sum(blob: bytes) -> np.ndarray:
    """The vector of :func:`encode_sum`: ndarray of shape (d,), float32."""
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)
