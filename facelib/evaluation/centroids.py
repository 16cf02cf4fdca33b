"""Means of faces that are like each other: what :func:`facelib.vision.centering.localised` takes away."""

from __future__ import annotations

from typing import cast

import numpy as np
from sklearn.cluster import MiniBatchKMeans


def means_of_groups(vectors: np.ndarray, groups: int) -> np.ndarray:
    """k-means (Sculley 2010, in parts) of strangers' unit vectors, the same for the same vectors.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32

    Returns
    -------
    ndarray of shape (groups, d), float32
    """
    found = MiniBatchKMeans(groups, batch_size=4096, n_init=1, random_state=0).fit(vectors)
    return cast(np.ndarray, found.cluster_centers_.astype(np.float32))
