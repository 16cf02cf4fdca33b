"""What a report is asked for, and how its figures are printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
"""Figures of one embedder: numbers, words, lists and further such dictionaries; what JSON can hold."""

Rows = list[tuple[str, str | Callable[[Figures], str]]]
"""Headings, and for each the path of a figure or what makes a cell of the figures."""


@dataclass(frozen=True)
class Request:
    """Data folder, cache folder or None, face detector, seed."""

    data: Path
    cache: Path | None
    detector: str
    seed: int = 0


def value(figures: Figures, path: str) -> Any:
    """``value(f, "lfw/all/tar")`` is ``f["lfw"]["all"]["tar"]``; None where it is not there. Keys hold dots, but no slashes."""
    found: Any = figures
    for key in path.split("/"):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def table(title: str, of_model: Mapping[str, Figures], rows: Rows) -> None:
    """Print one column a model: a row's cell is the figure at a path (four digits), or what a function makes of the figures."""
    print(f"\n{title}")
    print(f"{'':<58}" + "".join(f"{name:>26}" for name in of_model))
    for heading, what in rows:
        print(f"{heading:<58}" + "".join(f"{_cell(figures, what):>26}" for figures in of_model.values()))


def _cell(figures: Figures, what: str | Callable[[Figures], str]) -> str:
    if not isinstance(what, str):
        return what(figures)
    found = value(figures, what)
    if found is None:
        return "-"
    return f"{found:.4f}" if isinstance(found, float) else str(found)
