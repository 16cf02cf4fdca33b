"""Vectors of two networks as one: their cosine is the weighted mean of the cosines that the two give.

Networks that were taught differently err on different pairs, so the mean errs less than either (score fusion, Ross and Jain
2003). Most of what is said twice is then left away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facelib.vision.centering import Opening, read_arrays, read_centre, read_centres, unit_rows

OWN, OTHER = 256, 128
"""Numbers of ``facelib-face`` and of dlib's network."""


@dataclass(frozen=True, eq=False)
class Blend:
    """From ``facelib-face``'s and dlib's numbers, side by side, to one unit vector.

    Attributes
    ----------
    share : float, 0..1
        How much the cosine of ``facelib-face`` counts.
    own, other : Opening
        For its part, and dlib's.
    axes : ndarray of shape (OWN + OTHER, d), float32
        Orthonormal columns: directions along which strangers differ most.
    """

    share: float
    own: Opening
    other: Opening
    axes: np.ndarray

    def whole(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors of shape (n, OWN + OTHER), each part scaled to unit length in whatever way, to unit vectors of that shape."""
        own, other = self.own.opened(unit_rows(vectors[:, :OWN])), self.other.opened(unit_rows(vectors[:, OWN:]))
        return np.concatenate([math.sqrt(self.share) * own, math.sqrt(1 - self.share) * other], axis=1)

    def opened(self, vectors: np.ndarray) -> np.ndarray:
        """As :meth:`whole`, along the axes: unit vectors of shape (n, d)."""
        return unit_rows(self.whole(vectors) @ self.axes)


def read_blend(blend: Path, own: Path, other: Path, dimension: int) -> Blend:
    """A blend from its own file (``share``, ``axes``), that of ``facelib-face``'s centres, and that of dlib's centre.

    Raises
    ------
    WeightsError
        If a file holds something else.
    """
    held = read_arrays(blend, {"share": (1,), "axes": (OWN + OTHER, dimension)})
    return Blend(held["share"].item(), read_centres(own, OWN), read_centre(other, OTHER), held["axes"])
