"""The calibrated values of a model: its thresholds, each with the sets and the error it was set for, and the date.

Each model has one TOML file in ``facelib/model_zoo/cards``, which ``scripts/calibrate.py`` writes, one part after another. A part is
a table::

    [clusters]
    sets = ["celebrities-dev", "lfw-devtest"]
    error = "B-cubed precision of at least 0.98 on each"
    measured = "F 0.947 and 0.954"
    date = "2026-11-24"

    [clusters.thresholds]
    linkage_threshold = 0.37
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "cards"


@dataclass(frozen=True)
class Part:
    """Values that were calibrated together.

    Attributes
    ----------
    sets : tuple of str
        The development sets it was measured on; none where a value was set by hand.
    error : str
        The error that the values were set for.
    measured : str
        The result, perhaps on people it was not calibrated on; may be empty.
    date : str
        ISO 8601, perhaps without the day.
    thresholds : mapping of str to float
    far_distances : mapping of float to float
        For a false accept rate, the cosine distance below which that share of the pairs of strangers lie.
    """

    name: str
    sets: tuple[str, ...]
    error: str
    measured: str
    date: str
    thresholds: Mapping[str, float] = field(default_factory=dict)
    far_distances: Mapping[float, float] = field(default_factory=dict)

    def __str__(self) -> str:
        facts = [self.error, self.measured, f"on {', '.join(self.sets)}" if self.sets else "", self.date]
        return f"{self.name}: {'; '.join(part for part in facts if part)}"


def path_of(model: str) -> Path:
    """Where the calibrated values of a model lie, if it has any."""
    return FOLDER / f"{model}.toml"


@cache
def parts(model: str) -> tuple[Part, ...]:
    """What was calibrated for a model, read once; nothing for a model without calibrated values."""
    path = path_of(model)
    return read(path.read_text(encoding="utf-8")) if path.exists() else ()


def read(text: str) -> tuple[Part, ...]:
    """The parts of a file.

    Raises
    ------
    TOMLDecodeError, KeyError
        If it has another form, which is a bug of this program, because the files are part of it.
    """
    return tuple(
        Part(
            name,
            tuple(table["sets"]),
            table["error"],
            table.get("measured", ""),
            table["date"],
            table.get("thresholds", {}),
            {float(rate): distance for rate, distance in table.get("far_distances", {}).items()},
        )
        for name, table in tomllib.loads(text).items()
    )


def to_toml(model: str, parts: tuple[Part, ...]) -> str:
    """The text of a model's file; :func:`read` is the inverse."""
    return "\n".join([f"# What is calibrated for {model}; written by scripts/calibrate.py.\n", *map(_table, parts)])


def _table(part: Part) -> str:
    lines = [f"[{part.name}]", f"sets = [{', '.join(map(_quoted, part.sets))}]", f"error = {_quoted(part.error)}"]
    if part.measured:
        lines.append(f"measured = {_quoted(part.measured)}")
    lines.append(f"date = {_quoted(part.date)}")
    if part.thresholds:
        lines += ["", f"[{part.name}.thresholds]", *(f"{name} = {value!r}" for name, value in part.thresholds.items())]
    if part.far_distances:
        lines += ["", f"[{part.name}.far_distances]", *(f'"{rate:g}" = {value!r}' for rate, value in part.far_distances.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    if any(ord(letter) < 32 or letter in '"\\' for letter in text):
        raise ValueError(f"a text of a card is one line without quotes: {text!r}")
    return f'"{text}"'
