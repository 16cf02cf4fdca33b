"""Dates as cameras and programs write them, and which of them can be believed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_DATE = r"(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})"
_TIME = r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?"
_OFFSET = r"(Z|[+-]\d{1,2}:?\d{2})?"
_TIMESTAMP = re.compile(rf"\s*{_DATE}[ T]+{_TIME}\s*{_OFFSET}[\s\0]*$")
_OFFSET_ALONE = re.compile(r"\s*(?:(Z)|([+-])(\d{1,2}):?(\d{2}))[\s\0]*$")

_FIRST_PHOTOGRAPH = 1826
# What clocks that were never set and programs without a date write: the zeros of QuickTime, Unix and FAT.
_ZEROS = frozenset({datetime(1904, 1, 1), datetime(1970, 1, 1), datetime(1980, 1, 1)})
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)


def parse_timestamp(text: str, fraction: str = "", offset: str = "") -> datetime | None:
    """Read a date with time, as EXIF (``2024:07:01 12:00:00``) or XMP (``2024-07-01T12:00:00.5+02:00``) writes it.

    Parameters
    ----------
    text : str
    fraction : str
        Digits after the decimal point, where they stand apart (EXIF SubSecTime).
    offset : str
        Offset from UTC, where it stands apart (EXIF OffsetTime).

    Returns
    -------
    datetime or None
        Aware if an offset is known. None for anything that cannot be the time of a photo: no time of day, before 1826, more than
        a day in the future, the zero of a clock that was never set.
    """
    match = _TIMESTAMP.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    digits = (match[7] or "") or (fraction.strip(" \0") if fraction.strip(" \0").isascii() else "")
    microsecond = int(digits[:6].ljust(6, "0")) if digits.isdigit() else 0
    try:
        timestamp = datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None
    if timestamp.year < _FIRST_PHOTOGRAPH or timestamp.replace(microsecond=0) in _ZEROS:
        return None
    zone = _parse_offset(match[8] or offset)
    timestamp = timestamp if zone is None else timestamp.replace(tzinfo=zone)
    return None if seconds_of(timestamp) > (datetime.now(UTC) + timedelta(days=1)).timestamp() else timestamp


def _parse_offset(text: str) -> timezone | None:
    match = _OFFSET_ALONE.match(text)
    if match is None:
        return None
    if match[1]:
        return UTC
    size = timedelta(hours=int(match[3]), minutes=int(match[4]))
    shift = -size if match[2] == "-" else size
    return timezone(shift) if _WEST <= shift <= _EAST else None


def with_offset_from(timestamp: datetime, utc: datetime) -> datetime:
    """Give a local time the offset that the satellite time of the same photo implies.

    Offsets in use are multiples of 15 minutes between -12 and +14 hours; a difference more than a minute away from one says that the
    fix is old or the clock wrong, and the time is returned as it was.
    """
    difference = timestamp.replace(tzinfo=None, microsecond=0) - utc.replace(tzinfo=None, microsecond=0)
    quarter = timedelta(minutes=15)
    shift = round(difference / quarter) * quarter
    if abs(difference - shift) > timedelta(minutes=1) or not _WEST <= shift <= _EAST:
        return timestamp
    return timestamp.replace(tzinfo=timezone(shift))


def seconds_of(timestamp: datetime) -> float:
    """Seconds since 1970-01-01 UTC; a time without offset counts as UTC."""
    aware = timestamp if timestamp.tzinfo is not None else timestamp.replace(tzinfo=UTC)
    return aware.timestamp()
