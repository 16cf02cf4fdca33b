"""Which answers a changed dictionary may change: a test that costs one product a face, and never misses one.

The answer of a face y hangs on an exemplar d in three ways only.

* It takes part in the code ``x``, or would. By the conditions of Karush, Kuhn and Tucker ``d . (y - D x)`` is the sparsity
  where d takes part, at most that where it does not, and more for a new exemplar that would. So of a code only ``y - D x``
  is kept, and one product tells all of this, for exemplars that come and for those that go.
* It belongs to the first candidate, whose nearest exemplar and mean the score looks at.
* It is the nearest exemplar of anybody else; one farther than ``other_distance`` does not count.

Vectors are kept in whole numbers of eight bits, with the length of what that leaves out: no product is off by more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.recognition.identify import Answers
from facelib.thresholds import Thresholds

ROUNDING = 2e-4
"""Greater than what single precision and the tolerances of the code leave open."""
_LEVELS = 127


@dataclass(frozen=True, eq=False)
class Rough:
    """Vectors in eight bits a number.

    Attributes
    ----------
    numbers : ndarray of shape (n, d), int8
    step : ndarray of shape (n,), float32
        What a one stands for.
    error : ndarray of shape (n,), float32
        Length of the vector that is left out.
    """

    numbers: np.ndarray
    step: np.ndarray
    error: np.ndarray

    @staticmethod
    def of(vectors: np.ndarray) -> Rough:
        step = np.maximum(np.abs(vectors).max(axis=1, initial=0), 1e-12).astype(np.float32) / np.float32(_LEVELS)
        numbers = np.rint(vectors / step[:, None]).astype(np.int8)
        return Rough(numbers, step, np.linalg.norm(vectors - numbers * step[:, None], axis=1).astype(np.float32))

    def nearest(self, others: np.ndarray) -> np.ndarray:
        """The most that the product of each vector with any of some unit vectors can be: ndarray of shape (n,)."""
        greatest: np.ndarray = (self.numbers.astype(np.float32) @ others.T).max(axis=1) * self.step + self.error
        return greatest


def stranger(answers: Answers, thresholds: Thresholds) -> np.ndarray:
    """The cosine from which an exemplar may count as the nearest of anybody else; infinite without a first candidate. Shape (n,)."""
    near = np.maximum(1 - answers.other, 1 - thresholds.other_distance)
    return np.where(answers.cluster >= 0, near, np.inf).astype(np.float32)


def may_change(
    faces: Rough, rest: Rough, near: np.ndarray, first_changed: np.ndarray, changed: np.ndarray, thresholds: Thresholds
) -> np.ndarray:
    """Rows whose answer may be another one now.

    Parameters
    ----------
    faces, rest : Rough
        y, and ``y - D x`` of the code there is.
    near : ndarray of shape (n,)
        As :func:`stranger` gave.
    first_changed : ndarray of shape (n,), bool
        The first candidate has other exemplars now.
    changed : ndarray of shape (c, d), float32, rows of unit length
        Exemplars that came, went, or belong to somebody else now.
    thresholds : Thresholds
        Read: sparsity.

    Returns
    -------
    ndarray of shape (n,), bool
    """
    if not len(changed):
        return first_changed
    found: np.ndarray = first_changed | (rest.nearest(changed) >= thresholds.sparsity - ROUNDING)
    return found | (faces.nearest(changed) >= near - ROUNDING)
