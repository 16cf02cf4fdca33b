"""Dates are read as cameras and programs write them, and impossible ones are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.photos.timestamp import parse_timestamp, seconds_of, with_offset_from

offsets = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
moments = st.datetimes(datetime(1981, 1, 1), datetime(2026, 1, 1))


@given(moments, offsets)
def test_what_xmp_writes_is_read_back(moment: datetime, offset: timezone) -> None:
    assert parse_timestamp(moment.isoformat()) == moment
    aware = moment.replace(tzinfo=offset)
    assert parse_timestamp(aware.isoformat()) == aware
    assert seconds_of(aware) == aware.timestamp()


@given(moments.map(lambda moment: moment.replace(microsecond=0)), offsets)
def test_what_exif_writes_is_read_back(moment: datetime, offset: timezone) -> None:
    text = moment.strftime("%Y:%m:%d %H:%M:%S")
    assert parse_timestamp(text, "25", moment.replace(tzinfo=offset).strftime("%z")) == moment.replace(microsecond=250_000, tzinfo=offset)


@given(st.text(max_size=30), st.text(max_size=8), st.text(max_size=8))
def test_nothing_is_raised(text: str, fraction: str, offset: str) -> None:
    parse_timestamp(text, fraction, offset)
    parse_timestamp("2020:01:02 03:04:05", fraction, offset)


@pytest.mark.parametrize(
    "text",
    ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2020:13:01 10:00:00", "2020:02:30 10:00:00", "2020:01:01 25:00:00",
     "1825:01:01 10:00:00", "1970:01:01 00:00:00", "1980:01:01 00:00:00", "1904-01-01T00:00:00", "2020-05-01", "2020",
     "9999:12:31 23:59:59", "yesterday"],
)  # fmt: skip
def test_absurd_dates_are_none(text: str) -> None:
    assert parse_timestamp(text) is None


def test_the_future_begins_tomorrow() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    assert parse_timestamp((now + timedelta(hours=20)).isoformat()) is not None
    assert parse_timestamp((now + timedelta(hours=28)).isoformat()) is None


def test_an_absurd_offset_is_left_out() -> None:
    assert parse_timestamp("2020:01:02 03:04:05", offset="+25:00") == datetime(2020, 1, 2, 3, 4, 5)


@given(moments, offsets, st.integers(-50, 50))
def test_the_satellite_time_gives_the_offset(moment: datetime, offset: timezone, late: int) -> None:
    utc = (moment.replace(tzinfo=offset) + timedelta(seconds=late)).astimezone(UTC)
    assert with_offset_from(moment, utc).utcoffset() == offset.utcoffset(None)


@pytest.mark.parametrize("difference", [timedelta(minutes=65), timedelta(hours=15), timedelta(hours=-13), timedelta(days=30)])
def test_an_implausible_satellite_time_gives_none(difference: timedelta) -> None:
    moment = datetime(2020, 1, 2, 3, 4, 5)
    assert with_offset_from(moment, (moment - difference).replace(tzinfo=UTC)).tzinfo is None
