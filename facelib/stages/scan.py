"""The scan: which files exist, and which photo each of them holds."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from facelib.errors import PhotoError
from facelib.photos.fingerprint import CHANGED, fingerprint
from facelib.photos.walk import Unreachable, WalkedFile, walk
from facelib.stages.stage import Progress
from facelib.store.gallery import Gallery
from facelib.store.photos import FileRow, KnownFile, known_files, mark_missing, mark_present, prune, put_files

NAME = "scan"
VERSION = 1
READS: tuple[str, ...] = ()

BATCH = 256


@dataclass
class Census:
    """The result of a scan, counted in files.

    ``moved`` files have a new path but a content that the gallery knows, so they need no work. ``refused`` files could
    not be read. ``complete`` is False if the deadline ended the scan early.
    """

    new: int = 0
    moved: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    refused: int = 0
    complete: bool = True


def run(
    gallery: Gallery, roots: Sequence[Path], exclude: Sequence[str], census: Census, deadline: float | None = None
) -> Iterator[Progress]:
    """Bring the gallery's files up to date with the disk.

    Size and modification time say whether a file is unchanged; only the others are read, and SHA-256 says which photo
    they hold. A file that the walk did not meet is marked missing only if it does not exist: excluding a folder, or
    failing to read it, loses nothing.

    Parameters
    ----------
    deadline : float or None
        Value of ``time.monotonic()`` after which no further batch is begun.
    """
    known = known_files(gallery)
    contents = {file.sha256 for file in known.values() if file.sha256}
    seen: set[str] = set()
    files = walk(roots, exclude)
    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="fingerprint") as readers:
        while batch := list(islice(files, BATCH)):
            if deadline is not None and time.monotonic() > deadline:
                census.complete = False
                return
            rows: list[FileRow] = []
            back: list[int] = []
            for row, old in readers.map(lambda item: _read(item, known.get(str(item.path))), batch):
                seen.add(row.path)
                _count(census, row, old, contents)
                if row.sha256:
                    contents.add(row.sha256)
                if old is None or not _same(row, old):
                    rows.append(row)
                elif old.missing:
                    back.append(old.id)
            put_files(gallery, rows)
            mark_present(gallery, back)
            yield Progress(NAME, len(seen), 0, f"{census.new} new")
    gone = [file.id for path, file in known.items() if path not in seen and not file.missing and _under(path, roots) and _is_gone(path)]
    mark_missing(gallery, gone)
    prune(gallery)
    census.missing = len(gone)
    yield Progress(NAME, len(seen), len(seen), f"{census.new} new")


def preview(known: dict[str, KnownFile], roots: Sequence[Path], exclude: Sequence[str]) -> Census:
    """What :func:`run` would find, judged by sizes and times alone: nothing is read and nothing written."""
    census = Census()
    for item in walk(roots, exclude):
        old = known.get(str(item.path))
        if isinstance(item, Unreachable):
            census.refused += 1
        elif old is None:
            census.new += 1
        elif (old.size, old.mtime_ns) != (item.size, item.mtime_ns):
            census.changed += 1
        else:
            census.unchanged += 1
    return census


def _read(item: WalkedFile | Unreachable, old: KnownFile | None) -> tuple[FileRow, KnownFile | None]:
    path = str(item.path)
    if isinstance(item, Unreachable):
        return FileRow(path, 0, 0, None, item.error), old
    same = old is not None and (old.size, old.mtime_ns) == (item.size, item.mtime_ns) and old.error_kind != CHANGED
    if old is not None and old.sha256 and same:
        return FileRow(path, item.size, item.mtime_ns, old.sha256, None), old
    try:
        # Size and time are those of the file that was read: the walk may have met another one at this path.
        read = fingerprint(item.path)
        return FileRow(path, read.size, read.mtime_ns, read.sha256, None), old
    except PhotoError as error:
        return FileRow(path, item.size, item.mtime_ns, None, error), old


def _same(row: FileRow, old: KnownFile) -> bool:
    kind = row.error.kind if row.error else None
    return (row.size, row.mtime_ns, row.sha256, kind) == (old.size, old.mtime_ns, old.sha256, old.error_kind)


def _count(census: Census, row: FileRow, old: KnownFile | None, contents: set[str]) -> None:
    if row.error is not None:
        census.refused += 1
    elif old is not None and old.sha256 == row.sha256:
        census.unchanged += 1
    elif old is not None:
        census.changed += 1
    elif row.sha256 in contents:
        census.moved += 1
    else:
        census.new += 1


def _under(path: str, roots: Sequence[Path]) -> bool:
    return any(path == top or path.startswith(top.rstrip(os.sep) + os.sep) for top in (os.path.abspath(root) for root in roots))


def _is_gone(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        # No permission, or a disk that answers with an error: not the same as gone.
        return False
    return False
