"""The files an import reads: those the user named, and those below the folders the user named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from facelib.errors import InputError

MAX_TABLE_BYTES = 1 << 30


def matching_files(paths: Iterable[Path], select: Callable[[Path], Iterable[Path]]) -> Iterator[Path]:
    """What ``select`` gives for each file named and each file below a folder named, every path once.

    Links to folders are not followed.

    Raises
    ------
    InputError
        If a path does not exist.
    """
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise InputError(f"there is no file or folder {path}")
        for file in _files_below(path) if path.is_dir() else (path,):
            for selected in select(Path(os.path.abspath(file))):
                if selected not in seen:
                    seen.add(selected)
                    yield selected


def _files_below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names))


def file_names(folder: Path) -> list[str]:
    """The names in a folder, sorted; none if it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def files_beside(photos: Iterable[str], wanted: Callable[[str], bool]) -> list[Path]:
    """Files in the folders of these photos whose name, case-folded, is ``wanted``."""
    folders = [Path(folder) for folder in sorted({os.path.dirname(photo) for photo in photos})]
    return [folder / name for folder in folders for name in file_names(folder) if wanted(name.casefold())]


def read_table(path: Path) -> bytes:
    """Read a file that holds the people of many photos.

    Raises
    ------
    InputError
        If it cannot be read, or is larger than :data:`MAX_TABLE_BYTES`.
    """
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise InputError(f"{path} is too long", "split it")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
