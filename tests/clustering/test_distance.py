from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.clustering.distance import blended_minimum, cosine_distances
from tests.synthetic import album, unit


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
