"""Time and place from EXIF."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from PIL import ExifTags, Image

from facelib.photos.place import Place, checked_place, degrees
from facelib.photos.timestamp import parse_timestamp, with_offset_from

_Base, _GPS = ExifTags.Base, ExifTags.GPS
# DateTime (0x0132) is missing on purpose: it is the time of the last edit.
_TIMES = (
    (_Base.DateTimeOriginal, _Base.SubsecTimeOriginal, _Base.OffsetTimeOriginal),
    (_Base.DateTimeDigitized, _Base.SubsecTimeDigitized, _Base.OffsetTimeDigitized),
)


def time_and_place(exif: Image.Exif) -> tuple[datetime | None, Place | None]:
    """When and where a photo was taken.

    DateTimeOriginal, else DateTimeDigitized, with its sub-seconds and offset; where the camera wrote no offset, that between its
    clock and the time of its GPS receiver.
    """
    timestamp = _timestamp(_directory(exif, ExifTags.IFD.Exif))
    satellite = _directory(exif, ExifTags.IFD.GPSInfo)
    if timestamp is not None and timestamp.tzinfo is None:
        utc = _satellite_time(satellite)
        timestamp = timestamp if utc is None else with_offset_from(timestamp, utc)
    return timestamp, _place(satellite)


def _directory(exif: Image.Exif, which: ExifTags.IFD) -> Mapping[int, Any]:
    try:
        return exif.get_ifd(which)
    except Exception:  # a broken directory must not hide the others
        return {}


def _timestamp(tags: Mapping[int, Any]) -> datetime | None:
    for time, fraction, offset in _TIMES:
        timestamp = parse_timestamp(_text(tags.get(time)), _text(tags.get(fraction)), _text(tags.get(offset)))
        if timestamp is not None:
            return timestamp
    return None


def _satellite_time(tags: Mapping[int, Any]) -> datetime | None:
    clock = _numbers(tags.get(_GPS.GPSTimeStamp))
    if len(clock) != 3 or not all(math.isfinite(part) for part in clock):
        return None
    hour, minute, second = clock
    timestamp = parse_timestamp(f"{_text(tags.get(_GPS.GPSDateStamp)).strip(chr(0))} {int(hour)}:{int(minute)}:{int(second)}")
    return None if timestamp is None else timestamp.replace(tzinfo=UTC)


def _place(tags: Mapping[int, Any]) -> Place | None:
    latitude = degrees(_numbers(tags.get(_GPS.GPSLatitude)), _text(tags.get(_GPS.GPSLatitudeRef)))
    longitude = degrees(_numbers(tags.get(_GPS.GPSLongitude)), _text(tags.get(_GPS.GPSLongitudeRef)))
    return checked_place(latitude, longitude)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return value if isinstance(value, str) else ""


def _numbers(value: Any) -> list[float]:
    parts = value if isinstance(value, (tuple, list)) else () if value is None else (value,)
    try:
        # A rational 0/0 becomes NaN here, which no check later lets pass.
        return [float(part) for part in parts]
    except (TypeError, ValueError, ZeroDivisionError):
        return []
