"""Where a photo was taken: the checks that every source of a position shares."""

from __future__ import annotations

import math

Place = tuple[float, float]
"""Latitude and longitude in degrees, WGS 84, north and east positive."""


def checked_place(latitude: float | None, longitude: float | None) -> Place | None:
    """The position, or None where a part is missing, not a number or off the globe, or where both are zero.

    A position of exactly 0, 0 (in the sea off Ghana) is what devices without a fix write.
    """
    if latitude is None or longitude is None or not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def degrees(parts: list[float], reference: str) -> float | None:
    """Degrees, minutes and seconds (the latter two may be missing) with the letter of the hemisphere to signed degrees."""
    letter = reference.strip(" \0").upper()[:1]
    if letter not in ("N", "S", "E", "W") or not 1 <= len(parts) <= 3:
        return None
    value = sum(part / unit for part, unit in zip(parts, (1, 60, 3600), strict=False))
    return -value if letter in "SW" else value
