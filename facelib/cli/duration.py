"""Durations on the command line: ``90s``, ``30m``, ``2h``, ``1h30m``."""

from __future__ import annotations

import re

import click

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?", re.IGNORECASE)


class Duration(click.ParamType):
    """A positive duration in seconds; a number without a unit is seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = _DURATION.fullmatch(str(value).strip())
        seconds = sum(float(part) * unit for part, unit in zip(match.groups(), UNITS.values(), strict=True) if part) if match else 0.0
        if seconds <= 0:
            self.fail(f"{value!r} is not a duration such as 90s, 30m, 2h or 1h30m", param, ctx)
        return seconds
