"""The blended minimum is its formula, symmetric, and reads bodies within a moment only."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.distance import blend
from tests.synthetic import album, unit


def cosine_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``1 - a_i . b_j`` of unit rows of shape (n, d) and (m, d): shape (n, m), 0..2."""
    return np.clip(1 - np.asarray(a) @ np.asarray(b).T, 0, 2)


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


@given(st.integers(0, 10_000), st.floats(0, 2), st.floats(0, 2), st.floats(0, 3))
def test_blended_minimum_is_the_formula(seed: int, alpha: float, beta: float, gamma: float) -> None:
    observations = album(seed, people=4, photos=8, faceless=0.3, photos_per_moment=3).observations
    rng = np.random.default_rng(seed)
    bodies = observations.bodies * (rng.random(len(observations)) < 0.7)[:, None]
    moments = np.where(rng.random(len(observations)) < 0.2, -1, observations.moment)
    faces = observations.faces
    before = faces.copy()
    found = blended_minimum(faces, bodies, moments, alpha, beta, gamma)
    assert (faces == before).all()
    for i in range(len(faces)):
        for j in range(len(faces)):
            together = moments[i] == moments[j] >= 0 and bodies[i].any() and bodies[j].any()
            f, t = 1 - float(faces[i] @ faces[j]), 1 - float(bodies[i] @ bodies[j])
            if i == j:
                expected = 0.0
            elif faces[i].any() and faces[j].any():
                expected = min(f, alpha * f + beta * t) if together else f
            else:
                expected = gamma * t if together else np.inf
            assert np.isclose(found[i, j], max(expected, 0), atol=1e-5)
    assert (found == found.T).all()


def test_a_body_never_matches_across_moments() -> None:
    rng = np.random.default_rng(0)
    faces, body = unit(rng.normal(size=(2, 16))), unit(rng.normal(size=(1, 8)))
    bodies = np.concatenate([body, body])
    plain = cosine_distances(faces, faces)[0, 1]
    assert blended_minimum(faces, bodies, np.array([0, 1]), 0.5, 0.5, 1)[0, 1] == plain
    assert blended_minimum(faces, bodies, np.array([-1, -1]), 0.5, 0.5, 1)[0, 1] == plain
    assert blended_minimum(faces, bodies, np.array([0, 0]), 0.5, 0.5, 1)[0, 1] < plain
    assert blended_minimum(0 * faces, bodies, np.array([0, 1]), 0.5, 0.5, 1)[0, 1] == np.inf
