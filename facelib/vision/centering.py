"""Centering: the mean of faces is subtracted from a face's vector, because vectors of a network lie in a narrow cone.

All unit vectors of dlib's network point nearly one way: strangers have a cosine of 0.85, so distances crowd below 0.2 and
a dictionary of exemplars is ill-conditioned. Most of the mean of a balanced sample of faces is subtracted; all of it
would let blurred faces, which lie near the mean, point anywhere.

With any network some kinds of faces crowd: two small children are as near to each other as two photos of one adult.
:func:`localized_centering` subtracts the mean of the faces that resemble a face.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facelib.errors import WeightsError


@dataclass(frozen=True, eq=False)
class Centering:
    """What is subtracted from an embedder's unit vectors before they are scaled to unit length again.

    Attributes
    ----------
    mean : ndarray of shape (d,), float32, or None
        Subtracted from every vector first.
    centroids : ndarray of shape (k, d), float32, or None
        Then used by :func:`localized_centering` with ``fraction`` and ``sharpness``.
    """

    mean: np.ndarray | None = None
    centroids: np.ndarray | None = None
    fraction: float = 0.0
    sharpness: float = 0.0

    def centered(self, vectors: np.ndarray) -> np.ndarray:
        """Unit vectors of shape (n, d), float32, to unit vectors."""
        if self.mean is not None:
            vectors = unit_rows(vectors - self.mean)
        return vectors if self.centroids is None else localized_centering(vectors, self.centroids, self.fraction, self.sharpness)


def read_arrays(path: Path, shapes: Mapping[str, tuple[int | None, ...]]) -> dict[str, np.ndarray]:
    """The named arrays of a safetensors file, float32.

    Parameters
    ----------
    shapes : mapping of str to tuple
        Of each array that must be there; None: of any length.

    Raises
    ------
    WeightsError
        If one is missing, has another shape, or is not finite.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"cannot read {path}: {error}") from error
    for name, shape in shapes.items():
        array = arrays.get(name)
        fits = array is not None and len(array.shape) == len(shape) and all(b in (None, a) for a, b in zip(array.shape, shape))
        if not fits or not np.isfinite(arrays[name]).all():
            raise WeightsError(f"{path} holds no {name} of the right shape")
    return {name: np.asarray(arrays[name], dtype=np.float32) for name in shapes}


def read_mean(path: Path, dimension: int) -> Centering:
    """A file with the array ``centre``; errors as for :func:`read_arrays`."""
    return Centering(read_arrays(path, {"centre": (dimension,)})["centre"])


def read_centroids(path: Path, dimension: int) -> Centering:
    """A file with ``centres``, ``part`` (the fraction) and ``sharpness`` (of shape (1,)); errors as for :func:`read_arrays`."""
    arrays = read_arrays(path, {"centres": (None, dimension), "part": (1,), "sharpness": (1,)})
    return Centering(None, arrays["centres"], arrays["part"].item(), arrays["sharpness"].item())


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Rows of (n, d) scaled to unit length, float32; a row of zeros stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def localized_centering(vectors: np.ndarray, centroids: np.ndarray, fraction: float, sharpness: float) -> np.ndarray:
    """Localized centering (Hara et al. 2015): each vector less the mean of the strangers who resemble it.

    The mean weighs each centroid ``c`` by ``exp(sharpness * cosine(v, c))``, so it changes smoothly with the vector.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32, rows of unit length
    centroids : ndarray of shape (k, d), float32
        Means of groups of strangers' unit vectors, by k-means; shorter than 1.
    fraction : float, 0..1
        How much of the mean is subtracted. 0: nothing.
    sharpness : float

    Returns
    -------
    ndarray of shape (n, d), float32, rows of unit length
    """
    nearness = sharpness * (vectors @ centroids.T)
    weights = np.exp(nearness - nearness.max(axis=1, keepdims=True, initial=-np.inf))
    weights /= weights.sum(axis=1, keepdims=True)
    return unit_rows(vectors - fraction * (weights @ centroids))
