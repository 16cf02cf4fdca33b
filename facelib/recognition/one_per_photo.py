"""Nobody is twice in a photo, unless as a mirror image, in a collage or on a screen."""

from __future__ import annotations

import numpy as np


def second_times(label: np.ndarray, rank: np.ndarray, faces: np.ndarray, photo: np.ndarray, cut: float) -> np.ndarray:
    """Rows whose answer was given to a better row of the same photo.

    Parameters
    ----------
    label : ndarray of shape (n,), int64
        Who each row is held to be, -1 for nobody.
    rank : ndarray of shape (n,), float
        The higher of two keeps the answer; of equals the earlier row.
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    photo : ndarray of shape (n,), int64
    cut : float
        Cosine distance below which two faces of one photo may be one person.

    Returns
    -------
    ndarray of shape (n,), bool
    """
    beaten = np.zeros(len(label), dtype=bool)
    rows = np.flatnonzero(label >= 0)
    rows = rows[np.lexsort((rows, -rank[rows], label[rows], photo[rows]))]
    again = np.zeros(len(rows), dtype=bool)
    again[1:] = (photo[rows[1:]] == photo[rows[:-1]]) & (label[rows[1:]] == label[rows[:-1]])
    best = rows[np.maximum.accumulate(np.where(again, 0, np.arange(len(rows))))]
    others, first = rows[again], best[again]
    beaten[others] = ~(1 - np.einsum("ij,ij->i", faces[others], faces[first]) < cut)
    return beaten
