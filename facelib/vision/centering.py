"""The shifts that open the narrow cones in which faces' vectors lie.

All unit vectors of dlib's network point nearly one way: strangers have a cosine of 0.85, so distances crowd below 0.2 and
a dictionary of exemplars is ill-conditioned. Most of the mean of a balanced sample of faces is taken away; all of it
would make blurred faces, which lie near the mean, point anywhere.

With any network some kinds of faces crowd: two small children are as near to each other as two photos of one adult.
:func:`localised` takes away the mean of the faces that are like a face.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facelib.errors import WeightsError


@dataclass(frozen=True, eq=False)
class Opening:
    """What is taken away from an embedder's unit vectors before they are scaled to unit length again.

    Attributes
    ----------
    centre : ndarray of shape (d,), float32, or None
        Taken away from all.
    centres : ndarray of shape (k, d), float32, or None
        Then those a vector is like, by :func:`localised` with ``part`` and ``sharpness``.
    """

    centre: np.ndarray | None = None
    centres: np.ndarray | None = None
    part: float = 0.0
    sharpness: float = 0.0

    def opened(self, vectors: np.ndarray) -> np.ndarray:
        """Unit vectors of shape (n, d), float32, to unit vectors."""
        if self.centre is not None:
            vectors = unit_rows(vectors - self.centre)
        return vectors if self.centres is None else localised(vectors, self.centres, self.part, self.sharpness)


def read_arrays(path: Path, shapes: Mapping[str, tuple[int | None, ...]]) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file that are named, float32.

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
        held = load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"cannot read {path}: {error}") from error
    for name, shape in shapes.items():
        found = held.get(name)
        fits = found is not None and len(found.shape) == len(shape) and all(b in (None, a) for a, b in zip(found.shape, shape))
        if not fits or not np.isfinite(held[name]).all():
            raise WeightsError(f"{path} holds no {name} of the right shape")
    return {name: np.asarray(held[name], dtype=np.float32) for name in shapes}


def read_centre(path: Path, dimension: int) -> Opening:
    """A file with ``centre``; errors as for :func:`read_arrays`."""
    return Opening(read_arrays(path, {"centre": (dimension,)})["centre"])


def read_centres(path: Path, dimension: int) -> Opening:
    """A file with ``centres``, ``part`` and ``sharpness`` (of shape (1,)); errors as for :func:`read_arrays`."""
    held = read_arrays(path, {"centres": (None, dimension), "part": (1,), "sharpness": (1,)})
    return Opening(None, held["centres"], held["part"].item(), held["sharpness"].item())


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Rows of (n, d) scaled to unit length, float32; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def localised(vectors: np.ndarray, centres: np.ndarray, part: float, sharpness: float) -> np.ndarray:
    """Localized centering (Hara et al. 2015): each vector less the mean of strangers who are like it.

    The mean weighs each centre ``c`` by ``exp(sharpness * cosine(v, c))``, so it changes smoothly with the vector.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32, rows of unit length
    centres : ndarray of shape (k, d), float32
        Means of groups of strangers' unit vectors, by k-means; shorter than 1.
    part : float, 0..1
        Of the mean, what is taken away. 0: nothing.
    sharpness : float

    Returns
    -------
    ndarray of shape (n, d), float32, rows of unit length
    """
    nearness = sharpness * (vectors @ centres.T)
    weights = np.exp(nearness - nearness.max(axis=1, keepdims=True, initial=-np.inf))
    weights /= weights.sum(axis=1, keepdims=True)
    return unit_rows(vectors - part * (weights @ centres))
