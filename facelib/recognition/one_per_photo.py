"""A person is in a photo only once, except as a mirror image, in a collage or on a screen."""

from __future__ import annotations

import numpy as np


def duplicates_in_photo(
    identity: np.ndarray, rank: np.ndarray, faces: np.ndarray, photo: np.ndarray, same_photo_threshold: float
) -> np.ndarray:
    """Rows whose identity a row of higher rank in the same photo has already.

    Parameters
    ----------
    identity : ndarray of shape (n,), int64
        The person, or the identity key, that each row was given; below 0 for none.
    rank : ndarray of shape (n,), float
        The row of the highest rank keeps the identity; of equals the earlier row.
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    photo : ndarray of shape (n,), int64
    same_photo_threshold : float
        Below this cosine distance to the best row, a row of the same photo keeps the identity as well.

    Returns
    -------
    ndarray of shape (n,), bool
    """
    duplicate = np.zeros(len(identity), dtype=bool)
    rows = np.flatnonzero(identity >= 0)
    rows = rows[np.lexsort((rows, -rank[rows], identity[rows], photo[rows]))]
    repeated = np.zeros(len(rows), dtype=bool)
    repeated[1:] = (photo[rows[1:]] == photo[rows[:-1]]) & (identity[rows[1:]] == identity[rows[:-1]])
    best = rows[np.maximum.accumulate(np.where(repeated, 0, np.arange(len(rows))))]
    others, first = rows[repeated], best[repeated]
    duplicate[others] = ~(1 - np.einsum("ij,ij->i", faces[others], faces[first]) < same_photo_threshold)
    return duplicate
