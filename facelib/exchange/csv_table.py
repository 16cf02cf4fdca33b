"""CSV tables of people: one row per person in a photo, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from facelib.errors import InputError
from facelib.exchange.photo_record import People, PhotoRecord
from facelib.exchange.regions import Region, clean_name
from facelib.exchange.sources import read_table
from facelib.records import CERTAIN, LIKELY, STANDINGS, Box

COLUMNS = ("photo", "sha256", "name", "part", "x0", "y0", "x1", "y1", "standing", "source")

# A spreadsheet takes a cell that begins so for a formula, also in full-width characters; a quote before it makes it text. A text that
# begins with quotes and then so gets one more quote, so that every text can be read back.
_FORMULA = re.compile(r"^'*[=+\-@\t\r\n＝＋－＠]")


@dataclass(frozen=True)
class TableRow:
    """One row.

    Attributes
    ----------
    photo : str
        Path.
    sha256 : str
        64 hexadecimal digits, or empty.
    name : str
        Empty if the person has no name.
    part : str
        ``"face"`` or ``"body"``; empty without a box.
    box : Box or None
        Pixels of the upright full-size picture.
    standing : str
        ``"certain"``, ``"likely"``, ``"unknown"``, or ``"not"`` if this is *not* the person ``name``.
    source : str
        ``"user"``, ``"auto"``, or empty.
    """

    photo: str
    sha256: str
    name: str
    part: str
    box: Box | None
    standing: str = STANDINGS[CERTAIN]
    source: str = ""


default_paths = None


def read(paths: Sequence[Path]) -> Iterator[PhotoRecord]:
    """Read tables; consecutive rows of one photo make one record."""
    for path in paths:
        content = read_table(path)
        try:
            yield from _by_photo(map(_record, read_rows(content)))
        except InputError as error:
            raise InputError(f"{path}: {error}", error.advice) from error


def _record(row: TableRow) -> PhotoRecord:
    if row.standing == STANDINGS[LIKELY] or not row.name:
        return PhotoRecord(row.photo, sha256=row.sha256)
    if row.box is None:
        return PhotoRecord(row.photo, People(names=(row.name,)), sha256=row.sha256)
    region = Region(row.name, row.box, row.part, "csv", rejected=row.standing == "not")
    return PhotoRecord(row.photo, regions=(region,), sha256=row.sha256)


def _by_photo(records: Iterable[PhotoRecord]) -> Iterator[PhotoRecord]:
    last: PhotoRecord | None = None
    for record in records:
        if last is not None and (last.photo, last.sha256) == (record.photo, record.sha256):
            names = (*last.people.names, *record.people.names)
            last = replace(last, people=People(names=names), regions=(*last.regions, *record.regions))
            continue
        if last is not None:
            yield last
        last = record
    if last is not None:
        yield last


def escape_cell(text: str) -> str:
    """Escape a text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_cell(cell: str) -> str:
    """The inverse of :func:`escape_cell`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_rows(rows: Iterable[TableRow], file: IO[str]) -> int:
    """Write a table with its heading; open the file with ``newline=""`` and UTF-8 with ``surrogateescape``.

    Returns
    -------
    int
        The number of rows.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        box = ["", "", "", ""] if row.box is None else [f"{side:.2f}" for side in row.box]
        before, after = (row.photo, row.sha256, row.name, row.part), (row.standing, row.source)
        writer.writerow([*map(escape_cell, before), *box, *map(escape_cell, after)])
        count += 1
    return count


def read_rows(content: bytes) -> Iterator[TableRow]:
    """Read a table. Columns may be missing or in another order; required are ``name`` and one of ``photo`` and ``sha256``.

    Raises
    ------
    InputError
        If it is not such a table; the message names the line.
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
                yield _row(dict(zip(heading, map(unescape_cell, cells), strict=False)), lines.line_num)
    except csv.Error as error:
        raise InputError(f"not a CSV table: {error}") from error


def _row(cells: dict[str, str], line: int) -> TableRow:
    sha256 = cells.get("sha256", "").strip().lower()
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InputError(f"line {line}: '{sha256}' is not a SHA-256")
    part = cells.get("part", "").strip() or "face"
    if part not in ("face", "body"):
        raise InputError(f"line {line}: the part is '{part}', not face or body")
    name = clean_name(cells.get("name")) or ""
    sides = [cells.get(key, "").strip() for key in ("x0", "y0", "x1", "y1")]
    if not any(sides):
        return TableRow(cells.get("photo", ""), sha256, name, "", None, cells.get("standing", ""), cells.get("source", ""))
    try:
        x0, y0, x1, y1 = (float(side) for side in sides)
    except ValueError:
        raise InputError(f"line {line}: a side of the box is not a number") from None
    if not all(map(math.isfinite, (x0, y0, x1, y1))) or x1 <= x0 or y1 <= y0:
        raise InputError(f"line {line}: the box is empty, or its sides are in the wrong order")
    return TableRow(cells.get("photo", ""), sha256, name, part, (x0, y0, x1, y1), cells.get("standing", ""), cells.get("source", ""))
