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
    first = 0
    for place in range(1, len(rows)):
        here, best = rows[place], rows[first]
        if photo[here] != photo[best] or label[here] != label[best]:
            first = place
        elif not 1 - float(faces[here] @ faces[best]) < cut:
            beaten[here] = True
    return beaten
