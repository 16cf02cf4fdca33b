"""Regions as a table: one row a person in a photo, in CSV that spreadsheets may open safely."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from facelib.errors import InputError
from facelib.exchange.regions import clean_name
from facelib.records import Box

COLUMNS = ("photo", "sha256", "name", "part", "x0", "y0", "x1", "y1", "standing", "source")

# A spreadsheet runs a cell that begins so, also in full width; a quote before it makes it text. What begins with quotes and goes on
# so gets one more, so that every text can be read back.
_RUNS = re.compile(r"^'*[=+\-@\t\r\n＝＋－＠]")


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    photo : str
        Path.
    sha256 : str
        64 hexadecimal digits, or empty.
    name : str
        Empty where nobody is named.
    part : str
        ``"face"`` or ``"body"``; empty without a box.
    box : Box or None
        Pixels of the upright full-size picture.
    standing : str
        ``"certain"``, ``"likely"``, ``"unknown"``, or ``"not"`` where it is said that this is not ``name``.
    source : str
        ``"user"``, ``"auto"``, or empty.
    """

    photo: str
    sha256: str
    name: str
    part: str
    box: Box | None
    standing: str = "certain"
    source: str = ""


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def plain_cell(cell: str) -> str:
    """The inverse of :func:`safe_cell`."""
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell


def write_rows(rows: Iterable[Row], file: IO[str]) -> int:
    """Write a table with its heading; open the file with ``newline=""`` and UTF-8 with ``surrogateescape``.

    Returns
    -------
    int
        How many rows.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        box = ["", "", "", ""] if row.box is None else [f"{side:.2f}" for side in row.box]
        writer.writerow([*map(safe_cell, (row.photo, row.sha256, row.name, row.part)), *box, *map(safe_cell, (row.standing, row.source))])
        count += 1
    return count


def read_rows(content: bytes) -> Iterator[Row]:
    """Read a table; columns may be missing or in another order, but ``name`` and one of ``photo`` and ``sha256`` must be there.

    Raises
    ------
    InputError
        If it is no such table, naming the line.
    """
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
        separator = ";" if ";" in text.split("\n", 1)[0] else ","
        lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
        heading = [cell.strip().casefold() for cell in next(lines, [])]
        if "name" not in heading or not {"photo", "sha256"} & set(heading):
            raise InputError("the table has no column 'name', or neither 'photo' nor 'sha256'", f"the columns are {', '.join(COLUMNS)}")
        for cells in lines:
            if any(cells):
                yield _row(dict(zip(heading, map(plain_cell, cells), strict=False)), lines.line_num)
    except csv.Error as error:
        raise InputError(f"not a CSV table: {error}") from error


def _row(cells: dict[str, str], line: int) -> Row:
    sha256 = cells.get("sha256", "").strip().lower()
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InputError(f"line {line}: '{sha256}' is no SHA-256")
    part = cells.get("part", "").strip() or "face"
    if part not in ("face", "body"):
        raise InputError(f"line {line}: the part is '{part}', not face or body")
    name = clean_name(cells.get("name")) or ""
    sides = [cells.get(key, "").strip() for key in ("x0", "y0", "x1", "y1")]
    if not any(sides):
        return Row(cells.get("photo", ""), sha256, name, "", None, cells.get("standing", ""), cells.get("source", ""))
    try:
        x0, y0, x1, y1 = (float(side) for side in sides)
    except ValueError:
        raise InputError(f"line {line}: a side of the box is no number") from None
    if not all(map(math.isfinite, (x0, y0, x1, y1))) or x1 <= x0 or y1 <= y0:
        raise InputError(f"line {line}: the box is empty or turned inside out")
    return Row(cells.get("photo", ""), sha256, name, part, (x0, y0, x1, y1), cells.get("standing", ""), cells.get("source", ""))
