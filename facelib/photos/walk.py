"""The files of a photo library, in an order that stays the same from run to run."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facelib.errors import InputError, PhotoError
from facelib.photos.exclusion import Exclusion
from facelib.photos.photo_file import reading_error
from facelib.photos.suffixes import PHOTO_SUFFIXES, RAW_SUFFIXES

__all__ = ["PHOTO_SUFFIXES", "RAW_SUFFIXES", "Unreachable", "WalkedFile", "walk"]

_MARKERS = frozenset({".nomedia", ".noimage"})
# Thumbnails, recycle bins and snapshots of NAS systems and desktops: copies of photos, or photos that their owner deleted.
_SYSTEM_FOLDERS = frozenset({"@eadir", "#recycle", "#snapshot", "lost+found", "$recycle.bin", "system volume information"})


@dataclass(frozen=True)
class WalkedFile:
    """A file to index: absolute path, size in bytes, time of last change in nanoseconds since 1970."""

    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Unreachable:
    """A folder that cannot be listed, or a file whose size and time cannot be read; it does not end a run."""

    path: Path
    error: PhotoError


@dataclass(frozen=True)
class _Folder:
    path: str
    relative: str

    def inside(self, name: str) -> str:
        return f"{self.relative}/{name}" if self.relative else name


@dataclass
class _Search:
    exclusion: Exclusion
    seen_folders: set[tuple[int, int]] = field(default_factory=set)
    named_files: set[tuple[int, int, str]] = field(default_factory=set)
    linked: deque[_Folder] = field(default_factory=deque)

    def tree(self, root: _Folder) -> Iterator[WalkedFile | Unreachable]:
        # A stack, not recursion: folders may be nested to any depth.
        stack = [root]
        while stack:
            folder = stack.pop()
            below: list[_Folder] = []
            yield from self._folder(folder, below)
            stack.extend(reversed(below))

    def _folder(self, folder: _Folder, below: list[_Folder]) -> Iterator[WalkedFile | Unreachable]:
        try:
            status = os.stat(folder.path)
            identity = (status.st_dev, status.st_ino)
            if identity in self.seen_folders:
                return
            self.seen_folders.add(identity)
            with os.scandir(folder.path) as listing:
                entries = [entry for entry in listing if _of_interest(entry)]
        except OSError as error:
            yield Unreachable(Path(folder.path), reading_error(error))
            return
        if any(entry.name in _MARKERS for entry in entries):
            return
        # By bytes, so that names of any encoding have one order on every machine and in every locale.
        for entry in sorted(entries, key=lambda entry: os.fsencode(entry.name)):
            if self.exclusion.excludes(entry.name, folder.inside(entry.name), entry.path):
                continue
            try:
                if entry.is_dir():
                    child = _Folder(entry.path, folder.inside(entry.name))
                    # Linked folders come after all real ones, so that a photo is listed under its real path rather than a link's.
                    (self.linked if entry.is_symlink() else below).append(child)
                elif _is_photo(entry.name) and (*identity, entry.name) not in self.named_files:
                    status = entry.stat()
                    if stat.S_ISREG(status.st_mode):
                        yield WalkedFile(Path(entry.path), status.st_size, status.st_mtime_ns)
            except OSError as error:
                # A dangling link counts only if its name is that of a photo.
                if _is_photo(entry.name):
                    yield Unreachable(Path(entry.path), reading_error(error))


def _of_interest(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return entry.name in _MARKERS
    if _is_photo(entry.name):
        return True
    # is_dir() costs a system call for links only; skipping other files here keeps a folder of a million of them small.
    try:
        return entry.name.lower() not in _SYSTEM_FOLDERS and entry.is_dir()
    except OSError:
        return False


def _is_photo(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in PHOTO_SUFFIXES


def walk(roots: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[WalkedFile | Unreachable]:
    """Find the photos below some folders.

    Hidden files and folders, folders of NAS systems (``@eaDir``, ``#recycle``) and folders that hold ``.nomedia`` or ``.noimage``
    are skipped with everything below them. Links are followed; a folder is visited once even if several paths lead to it, and a file
    is yielded once even if the roots overlap. Roots that are files come first, whatever their suffix; then the folders, each with its
    files before its sub-folders, by name; linked folders come last.

    Parameters
    ----------
    roots : sequence of Path
        Folders and files.
    exclude : sequence of str
        Patterns as in :class:`facelib.photos.exclusion.Exclusion`.

    Yields
    ------
    WalkedFile or Unreachable
        Paths are absolute; links in them are not resolved. Names that are not UTF-8 survive as surrogate escapes.

    Raises
    ------
    InputError
        When called, not at the first item: a root does not exist, is neither a file nor a folder, or cannot be listed.
    """
    files: list[tuple[Path, os.stat_result]] = []
    folders: list[_Folder] = []
    for root in roots:
        path, status = _checked_root(root)
        if stat.S_ISDIR(status.st_mode):
            folders.append(_Folder(str(path), ""))
        else:
            files.append((path, status))
    return _walk(files, folders, _Search(Exclusion(exclude)))


def _walk(files: list[tuple[Path, os.stat_result]], folders: list[_Folder], search: _Search) -> Iterator[WalkedFile | Unreachable]:
    for path, status in files:
        try:
            parent = os.stat(path.parent)
        except OSError as error:
            yield Unreachable(path, reading_error(error))
            continue
        key = (parent.st_dev, parent.st_ino, path.name)
        if key not in search.named_files:
            search.named_files.add(key)
            yield WalkedFile(path, status.st_size, status.st_mtime_ns)
    for folder in folders:
        yield from search.tree(folder)
    while search.linked:
        yield from search.tree(search.linked.popleft())


def _checked_root(root: Path) -> tuple[Path, os.stat_result]:
    path = os.path.abspath(root)
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            os.scandir(path).close()
        elif not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is neither a photo nor a folder", "name a photo, or a folder of photos")
    except (OSError, ValueError) as error:
        problem = reading_error(error)
        if problem.kind == "missing":
            raise InputError(f"{path} does not exist", "check the spelling, and whether the disk is connected") from error
        if problem.kind == "permission":
            raise InputError(f"no permission to read {path}", "run as a user who may read it, or change its permissions") from error
        raise InputError(f"{path} cannot be read: {problem.detail}", "check the disk or the network share") from error
    return Path(path), status
