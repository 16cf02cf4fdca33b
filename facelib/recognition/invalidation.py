"""Which answers a changed dictionary may change: a test that costs one product for each face and exemplar, and misses none.

The answer for a face y depends on an exemplar d in three ways only.

* d takes part in the sparse code x, or would take part. By the Karush-Kuhn-Tucker conditions ``d . (y - D x)`` equals the
  sparsity if d takes part, is at most that if it does not, and is more for a new exemplar that would take part. So of a code only
  the residual vector ``y - D x`` has to be stored: its product with an exemplar that comes or goes decides.
* d belongs to the first candidate: its nearest exemplar and its mean enter the score.
* d is the nearest exemplar of anybody else; one farther than ``other_distance`` does not count.

Vectors are stored as whole numbers of eight bits, together with the length of the rounding error, which bounds the error of
every product with a unit vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.recognition.answers import Answers
from facelib.thresholds import Thresholds

TOLERANCE = 2e-4
"""More than the errors of single precision and of the sparse code's solver together."""
_LEVELS = 127


@dataclass(frozen=True, eq=False)
class QuantizedVectors:
    """Vectors rounded to eight bits a number.

    Attributes
    ----------
    numbers : ndarray of shape (n, d), int8
    step : ndarray of shape (n,), float32
        The vectors are ``numbers * step``, but for the rounding error.
    error : ndarray of shape (n,), float32
        Length of the rounding error.
    """

    numbers: np.ndarray
    step: np.ndarray
    error: np.ndarray

    @staticmethod
    def of(vectors: np.ndarray) -> QuantizedVectors:
        """Round vectors of shape (n, d), float32."""
        step = np.maximum(np.abs(vectors).max(axis=1, initial=0), 1e-12).astype(np.float32) / np.float32(_LEVELS)
        numbers = np.rint(vectors / step[:, None]).astype(np.int8)
        return QuantizedVectors(numbers, step, np.linalg.norm(vectors - numbers * step[:, None], axis=1).astype(np.float32))

    def greatest_product(self, others: np.ndarray) -> np.ndarray:
        """Upper bound of the products of each vector with ``others``, unit vectors of shape (m, d): ndarray of shape (n,)."""
        greatest: np.ndarray = (self.numbers.astype(np.float32) @ others.T).max(axis=1) * self.step + self.error
        return greatest


def least_other_cosine(answers: Answers, thresholds: Thresholds) -> np.ndarray:
    """The cosine from which an exemplar can be the nearest one of anybody else.

    Returns
    -------
    ndarray of shape (n,), float32
        Infinity for a face without a candidate.
    """
    cosine = np.maximum(1 - answers.other_distance, 1 - thresholds.other_distance)
    return np.where(answers.cluster >= 0, cosine, np.inf).astype(np.float32)


def may_be_stale(
    faces: QuantizedVectors,
    residual_vectors: QuantizedVectors,
    other_cosine: np.ndarray,
    first_changed: np.ndarray,
    changed: np.ndarray,
    thresholds: Thresholds,
) -> np.ndarray:
    """Rows whose answers may be different with the changed dictionary.

    Parameters
    ----------
    faces, residual_vectors : QuantizedVectors
        y, and ``y - D x`` of its code.
    other_cosine : ndarray of shape (n,), float32
        As :func:`least_other_cosine` gave for the answers.
    first_changed : ndarray of shape (n,), bool
        Whether the first candidate lost or gained exemplars.
    changed : ndarray of shape (c, d), float32, rows of unit length
        Exemplars that came, went, or changed their cluster or its owner.
    thresholds : Thresholds
        Read: sparsity.

    Returns
    -------
    ndarray of shape (n,), bool
    """
    if not len(changed):
        return first_changed
    stale: np.ndarray = first_changed | (residual_vectors.greatest_product(changed) >= thresholds.sparsity - TOLERANCE)
    return stale | (faces.greatest_product(changed) >= other_cosine - TOLERANCE)
