"""Faces that were cropped tightly: fill black corners, and add a margin so that a detector can find the face."""

from __future__ import annotations

import numpy as np

BLACK = 12
FRAYED = 2


def without_corners(pixels: np.ndarray) -> np.ndarray:
    """A picture whose black parts at the rim repeat the nearest pixel of the rest.

    An aligned crop is black where the photo it was cut from ended. Black parts that do not reach the rim are left alone, as is
    a picture that is black all over.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, 3), uint8

    Returns
    -------
    ndarray of shape (h, w, 3), uint8
    """
    from scipy import ndimage

    black = (pixels <= BLACK).all(axis=2)
    parts, _ = ndimage.label(black)
    rim = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    outside = np.isin(parts, rim[rim > 0])
    if not outside.any():
        return pixels
    # The last pixels before the black are mixed with it.
    outside = ndimage.binary_dilation(outside, iterations=FRAYED)
    if outside.all():
        return pixels
    rows, columns = ndimage.distance_transform_edt(outside, return_distances=False, return_indices=True)
    return np.asarray(pixels[rows, columns])


def on_canvas(pixels: np.ndarray, side: int) -> np.ndarray:
    """A picture in the middle of a larger one, its edge repeated outwards, with blur that grows with the distance.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, 3), uint8
    side : int
        Height and width of the canvas; not less than those of the picture.

    Returns
    -------
    ndarray of shape (side, side, 3), uint8
    """
    from scipy import ndimage

    height, width = pixels.shape[:2]
    top, left = (side - height) // 2, (side - width) // 2
    wide = np.pad(pixels, ((top, side - height - top), (left, side - width - left), (0, 0)), mode="edge")
    outside = np.ones((side, side), dtype=bool)
    outside[top : top + height, left : left + width] = False
    away = ndimage.distance_transform_edt(outside)
    canvas = wide.astype(np.float32)
    for sigma in (2.0, 6.0, 12.0):
        soft = ndimage.gaussian_filter(wide.astype(np.float32), (sigma, sigma, 0))
        blend = np.clip(away / sigma - 0.5, 0, 1)[..., None].astype(np.float32)
        canvas = (1 - blend) * canvas + blend * soft
    return np.asarray(np.clip(np.rint(canvas), 0, 255), dtype=np.uint8)
