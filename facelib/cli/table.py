"""Text tables, aligned by the width that a terminal shows, not by the number of characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

GAP = "  "
MIN_WIDTH = 6
"""No column is cut below this many terminal cells."""


@dataclass(frozen=True)
class Column:
    """Title of a column; whether it is aligned to the right, as numbers are; whether it is never cut, as ids must not be."""

    title: str
    right: bool = False
    whole: bool = False


def width_of(text: str) -> int:
    """The terminal cells a text takes: two for wide East Asian characters and emoji, none for combining marks."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int) -> str:
    """The text, or as much of its start as fits into ``width`` cells with an ellipsis."""
    if width_of(text) <= width:
        return text
    taken, used = [], 0
    for character in text:
        used += _cells(character)
        if used > width - 1:
            break
        taken.append(character)
    return "".join(taken) + "…"


def table(columns: Sequence[Column | str], rows: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    """Lay out a table.

    Parameters
    ----------
    columns : sequence of Column or str
        A str is the title of a column that is aligned to the left.
    rows : sequence of sequences of str
        As many cells as columns each, without control characters.
    width : int or None
        Width of the terminal in cells; the widest columns are cut first. None: nothing is cut.

    Returns
    -------
    list of str
        Header and rows, without spaces at the end of lines.
    """
    heads = [column if isinstance(column, Column) else Column(column) for column in columns]
    widths = [max(width_of(text) for text in (head.title, *cells)) for head, *cells in zip(heads, *rows, strict=True)]
    if width is not None:
        _narrow(widths, [column for column, head in enumerate(heads) if not head.whole], width - len(GAP) * (len(widths) - 1))
    lines = []
    for row in ([head.title for head in heads], *rows):
        cells = [_pad(shorten(text, room), room, head.right) for head, text, room in zip(heads, row, widths, strict=True)]
        lines.append(GAP.join(cells).rstrip())
    return lines


def _pad(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks


def _narrow(widths: list[int], which: list[int], available: int) -> None:
    """Narrow the widest of the columns ``which`` until all fit, or none can be cut further."""
    while which and sum(widths) > available:
        widest = max(which, key=widths.__getitem__)
        if widths[widest] <= MIN_WIDTH:
            break
        widths[widest] -= 1
