"""Moments: photos close in time and place."""

from __future__ import annotations

import numpy as np

from facelib.records import NO_MOMENT

EARTH_RADIUS_KM = 6371.0088


def cut_moments(seconds: np.ndarray, places: np.ndarray, gap: float, jump: float) -> np.ndarray:
    """Put photos in the order of capture and cut where the pause or the distance is too long.

    Parameters
    ----------
    seconds : ndarray of shape (n,), float64
        Time of capture in seconds on any one line; NaN where unknown.
    places : ndarray of shape (n, 2), float64
        Latitude and longitude in degrees; NaN where unknown. A photo without a place counts as being where the last one was.
    gap : float
        Cut where the pause between neighbours is longer, in seconds.
    jump : float
        Cut where the distance between neighbouring known places is longer, in kilometres.

    Returns
    -------
    ndarray of shape (n,), int64
        The moments, numbered in the order of time; ``NO_MOMENT`` where the time is unknown. Permuting the photos permutes it.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> cut_moments(np.array([0.0, 60.0, 9000.0, np.nan]), np.full((4, 2), np.nan), 1800.0, 2.0).tolist()
    [0, 0, 1, -1]
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    places = np.asarray(places, dtype=np.float64)
    if seconds.ndim != 1 or places.shape != (len(seconds), 2):
        raise ValueError(f"seconds {seconds.shape} and places {places.shape} do not fit together")
    moments = np.full(len(seconds), NO_MOMENT, dtype=np.int64)
    timed = np.flatnonzero(np.isfinite(seconds))
    if not len(timed):
        return moments
    # The place decides between equal times, so that the order of the input never does.
    order = timed[np.lexsort((places[timed, 1], places[timed, 0], seconds[timed]))]
    cuts = np.concatenate([[False], np.diff(seconds[order]) > gap])
    placed = np.flatnonzero(np.isfinite(places[order]).all(axis=1))
    before, after = placed[:-1], placed[1:]
    interval = np.cumsum(cuts)
    far = great_circle_km(places[order][before], places[order][after]) > jump
    cuts[after[far & (interval[before] == interval[after])]] = True
    moments[order] = np.cumsum(cuts)
    return moments


def great_circle_km(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Great-circle distance between places of shape (n, 2) in degrees, in kilometres (haversine formula)."""
    a, b = np.radians(a), np.radians(b)
    half = (b - a) / 2
    h = np.sin(half[:, 0]) ** 2 + np.cos(a[:, 0]) * np.cos(b[:, 0]) * np.sin(half[:, 1]) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1)))
