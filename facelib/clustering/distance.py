"""Distances between observations. All are cosine distances of unit vectors, 0..2, unless it says otherwise."""

from __future__ import annotations

import numpy as np


def blend(
    face: np.ndarray,
    body: np.ndarray,
    faces_seen: np.ndarray,
    bodies_seen: np.ndarray,
    alpha: float,
    beta: float,
    gamma: float,
) -> np.ndarray:
    """The blended minimum of face and upper-body distances, element by element.

    ``min(F, alpha F + beta T)`` where both have faces, the second term only where ``bodies_seen``; ``gamma T`` where a face
    is missing and ``bodies_seen``; else infinity. It is not a metric: i may be near j by the face and j near k by the clothes.

    Parameters
    ----------
    face, body : ndarray of floats
        Face and upper-body distances F and T; values where nothing was seen are not read.
    faces_seen : ndarray of bool
        Both have a face.
    bodies_seen : ndarray of bool
        Both have a body, and both were seen in the same moment.
    alpha, beta, gamma : float
        Weights of the face, of the body beside a face, and of the body where a face is missing.

    Returns
    -------
    ndarray of floats
        Of the shape to which all arrays broadcast.

    Examples
    --------
    >>> seen = np.array([True, False])
    >>> blend(np.array([0.5, 0.0]), np.array([0.1, 0.1]), seen, np.array([True, True]), 0.6, 0.4, 1.0).round(2).tolist()
    [0.34, 0.1]
    """
    with_face = np.where(bodies_seen, np.minimum(face, alpha * face + beta * body), face)
    without = np.where(bodies_seen, gamma * body, np.inf)
    return np.where(faces_seen, with_face, without)
