"""The formats that names are read from: one module each, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from facelib.exchange import csv_table, json_lines, picasa, takeout, xmp
from facelib.exchange.photo_record import PhotoRecord, RefusedFile


class Format(Protocol):
    """What the module of a format must define."""

    @property
    def default_paths(self) -> Callable[[Iterable[str]], list[Path]] | None:
        """Find the files of this format that belong to these photos. Called if the user named no path.

        None if the user has to name the files.
        """

    def read(self, paths: Sequence[Path]) -> Iterator[PhotoRecord | RefusedFile]:
        """Read files, and files of this format below folders: one record per photo, in any order.

        A damaged file below a folder gives a :class:`RefusedFile`, so that it does not end an import. The content of a file is passed
        on unchanged: the importer decides what to use.

        Raises
        ------
        InputError
            If a path does not exist, or a file the user named cannot be used at all.
        """


FORMATS: dict[str, Format] = {
    "xmp": xmp,
    "picasa": picasa,
    "takeout": takeout,
    "csv": csv_table,
    "json": json_lines,
}
"""To add a format, write a module with what :class:`Format` asks for, and add it here."""
