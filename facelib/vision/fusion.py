"""Score fusion: vectors of several networks as one, whose cosine is nearly the weighted mean of the networks' cosines.

Networks that were trained differently err on different pairs, so the mean errs less than either (Ross and Jain 2003). Most of
what they have in common is then left out, by a projection.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from facelib.vision.centering import Centering, unit_rows


@dataclass(frozen=True)
class FusedNetwork:
    """One of the networks.

    Attributes
    ----------
    dimension : int
        Length of its vectors.
    weight : float, 0..1
        How much its cosine counts; the weights of all networks sum to 1.
    centering : Centering
        For its vectors.
    """

    dimension: int
    weight: float
    centering: Centering


@dataclass(frozen=True, eq=False)
class ScoreFusion:
    """From the vectors of several networks, side by side, to one unit vector.

    Attributes
    ----------
    networks : tuple of FusedNetwork
        In the order of their vectors.
    axes : ndarray of shape (sum of dimensions, d), float32
        Orthonormal columns: directions along which strangers differ most.
    """

    networks: tuple[FusedNetwork, ...]
    axes: np.ndarray

    def weighted(self, vectors: np.ndarray) -> np.ndarray:
        """Each network's vector centered and scaled by its weight: unit vectors, whose cosine is the weighted mean.

        Parameters
        ----------
        vectors : ndarray of shape (n, sum of dimensions), float32
            The length of each network's vector does not matter.
        """
        starts = np.cumsum([network.dimension for network in self.networks])[:-1]
        each = zip(self.networks, np.split(vectors, starts, axis=1), strict=True)
        return np.concatenate(
            [math.sqrt(network.weight) * network.centering.centered(unit_rows(own)) for network, own in each],
            axis=1,
        )

    def fused(self, vectors: np.ndarray) -> np.ndarray:
        """As :meth:`weighted`, along the axes: unit vectors of shape (n, d)."""
        return unit_rows(self.weighted(vectors) @ self.axes)
