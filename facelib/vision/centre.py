"""The shift that opens the narrow cone in which dlib's vectors lie.

All its unit vectors point nearly one way: strangers have a cosine of 0.85, so distances crowd below 0.2 and a
dictionary of exemplars is ill-conditioned. Most of the mean of a balanced sample of faces is taken away; all of it
would make blurred faces, which lie near the mean, point anywhere.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facelib.errors import WeightsError


def read_centre(path: Path, dimension: int) -> np.ndarray:
    """The vector to take away from unit vectors before they are scaled to unit length again.

    Returns
    -------
    ndarray of shape (dimension,), float32

    Raises
    ------
    WeightsError
        If the file holds something else.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        centre = load_file(path).get("centre")
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"cannot read {path}: {error}") from error
    if centre is None or centre.shape != (dimension,) or centre.dtype != np.float32 or not np.isfinite(centre).all():
        raise WeightsError(f"{path} holds no centre of {dimension} numbers")
    return centre
