"""Distances between observations. All are cosine distances of unit vectors, 0..2, unless it says otherwise."""

from __future__ import annotations

import numpy as np


def cosine_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``1 - a_i . b_j`` of unit rows of shape (n, d) and (m, d): shape (n, m), 0..2."""
    return np.clip(1 - np.asarray(a) @ np.asarray(b).T, 0, 2)


def blend(
    face: np.ndarray,
    body: np.ndarray,
    faces_seen: np.ndarray,
    bodies_seen: np.ndarray,
    alpha: float,
    beta: float,
    gamma: float,
) -> np.ndarray:
    """The blended minimum, element by element, from distances already taken.

    ``min(F, alpha F + beta T)`` where both have faces, the second term only where ``bodies_seen``; ``gamma T`` where a face
    is missing and ``bodies_seen``; else infinity.

    Parameters
    ----------
    face, body : ndarray of floats
        Face and upper-body distances F and T; whatever they hold where nothing was seen is not read.
    faces_seen : ndarray of bool
        Both have a face.
    bodies_seen : ndarray of bool
        Both have a body, and both were seen in the same moment.
    """
    with_face = np.where(bodies_seen, np.minimum(face, alpha * face + beta * body), face)
    without = np.where(bodies_seen, gamma * body, np.inf)
    return np.where(faces_seen, with_face, without)


def blended_minimum(faces: np.ndarray, bodies: np.ndarray, moments: np.ndarray, alpha: float, beta: float, gamma: float) -> np.ndarray:
    """Blended minimum of every two observations.

    Parameters
    ----------
    faces, bodies : ndarray of shape (n, d) and (n, b), rows of unit length, or zero where not seen
    moments : ndarray of shape (n,), int64, -1 for none
    alpha, beta, gamma : float
        Weights of the face, of the body beside a face, and of the body where a face is missing.

    Returns
    -------
    ndarray of shape (n, n), symmetric, zero diagonal
        Not a metric: i may be near j by the face and j near k by the clothes.
    """
    moments = np.asarray(moments)
    has_face, has_body = np.any(faces, axis=1), np.any(bodies, axis=1)
    together = (moments[:, None] == moments[None]) & (moments >= 0)[:, None]
    distances = blend(
        cosine_distances(faces, faces),
        cosine_distances(bodies, bodies),
        has_face[:, None] & has_face[None],
        has_body[:, None] & has_body[None] & together,
        alpha,
        beta,
        gamma,
    )
    # A matrix product may round x.y and y.x apart.
    distances = np.minimum(distances, distances.T)
    np.fill_diagonal(distances, 0)
    return distances
