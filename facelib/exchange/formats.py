"""The formats that names are read from: one module each, listed in one table.

To add a format, write a module with what :class:`Format` asks for and add a line to :data:`FORMATS`.
This module imports none of them, so that the help of the command line stays fast.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from facelib.exchange.photo_record import PhotoRecord, RefusedFile

FORMATS: dict[str, str] = {
    "xmp": "facelib.exchange.xmp",
    "picasa": "facelib.exchange.picasa",
    "takeout": "facelib.exchange.takeout",
    "csv": "facelib.exchange.csv_table",
    "json": "facelib.exchange.json_lines",
}
"""The module of each format."""


class Format(Protocol):
    """What the module of a format offers."""

    @property
    def default_paths(self) -> Callable[[Iterable[str]], list[Path]] | None:
        """Find the files of this format that belong to these photos. Called if the user named no path.

        None if the user has to name the files.
        """

    def read(self, paths: Sequence[Path]) -> Iterator[PhotoRecord | RefusedFile]:
        """Read files, and files of this format below folders: one record per photo, in any order.

        A file that cannot be read gives a :class:`~facelib.exchange.photo_record.RefusedFile`, so that one damaged file
        does not end an import. What a file says is passed on as it is: the importer decides what to believe.

        Raises
        ------
        InputError
            If a path does not exist, or a file the user named cannot be used at all.
        """


def load(name: str) -> Format:
    """The module of one of :data:`FORMATS`."""
    return cast(Format, importlib.import_module(FORMATS[name]))
