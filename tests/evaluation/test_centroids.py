"""Groups that exist are found, and the result is the same every time."""

from __future__ import annotations

import numpy as np

from facelib.evaluation.centroids import kmeans_centroids
from facelib.vision.centering import unit_rows


def test_groups_that_are_there_are_found_and_again_the_same() -> None:
    rng = np.random.default_rng(0)
    kinds = unit_rows(rng.standard_normal((4, 32)))
    vectors = unit_rows(np.repeat(kinds, 30, axis=0) + 0.1 * rng.standard_normal((120, 32)))
    found = kmeans_centroids(vectors, 4)
    assert found.shape == (4, 32) and found.dtype == np.float32
    assert ((unit_rows(found) @ kinds.T).max(axis=0) > 0.98).all()
    assert (np.linalg.norm(found, axis=1) < 1).all()
    np.testing.assert_array_equal(found, kmeans_centroids(vectors, 4))
