"""k-means centroids of faces that resemble each other: what :func:`facelib.vision.centering.localized_centering` subtracts."""

from __future__ import annotations

from typing import cast

import numpy as np
from sklearn.cluster import MiniBatchKMeans


def kmeans_centroids(vectors: np.ndarray, count: int) -> np.ndarray:
    """k-means (Sculley 2010, in mini-batches) of strangers' unit vectors, the same for the same vectors.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32
    count : int
        Number of centroids.

    Returns
    -------
    ndarray of shape (count, d), float32
    """
    fitted = MiniBatchKMeans(count, batch_size=4096, n_init=1, random_state=0).fit(vectors)
    return cast(np.ndarray, fitted.cluster_centers_.astype(np.float32))
