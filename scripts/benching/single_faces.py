"""The program's own clustering of faces of which only the vectors are known."""

from __future__ import annotations

import numpy as np

from facelib.clustering.cluster import cluster
from facelib.clustering.observations import Observations
from facelib.model_zoo import registry
from facelib.thresholds import Thresholds


def single_faces(vectors: np.ndarray) -> Observations:
    """Each vector of (n, d) as a face in a photo of its own, without moments, names or bodies."""
    n = len(vectors)
    unknown = np.full(n, -1)
    return Observations(vectors, np.zeros((n, 0)), np.arange(n), unknown, np.ones(n), unknown, unknown)


def cluster_faces(vectors: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """The cluster of each vector, as the program shipped does it: ndarray of shape (n,), int64."""
    return cluster(single_faces(vectors), thresholds).clusters


def card_thresholds(embedder: str) -> Thresholds:
    return Thresholds().override(registry.card(embedder).thresholds)
