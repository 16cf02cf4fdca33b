"""Which files and folders the user excludes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate


class Exclusion:
    """Patterns in the manner of ``.gitignore``.

    A pattern without a slash is compared with the name of every file and folder (``Trash``, ``*_edited.*``). One with a slash is
    compared with the path below the root (``2019/private``, ``**/raw/*``); if it begins with a slash, with the absolute path as
    well, since that is what a shell's completion gives. A slash at the end changes nothing: whatever matches is left out, and a folder with
    everything below it. ``*`` matches slashes too. Upper and lower case differ.

    Parameters
    ----------
    patterns : sequence of str
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        names: list[str] = []
        below_root: list[str] = []
        absolute: list[str] = []
        for pattern in patterns:
            wanted = pattern.rstrip("/")
            if not wanted:
                continue
            if "/" not in wanted:
                names.append(wanted)
                continue
            below_root.extend(_spellings(wanted.removeprefix("/")))
            if wanted.startswith("/"):
                absolute.append(wanted)
        self._name = _any_of(names)
        self._below_root = _any_of(below_root)
        self._absolute = _any_of(absolute)

    def excludes(self, name: str, relative: str, path: str) -> bool:
        """Whether a file or folder of this name, path below the root, and absolute path is left out."""
        return bool(
            (self._name and self._name.match(name))
            or (self._below_root and self._below_root.match(relative))
            or (self._absolute and self._absolute.match(path))
        )


def _spellings(pattern: str) -> list[str]:
    # ``**/`` stands for any number of folders, none included, which fnmatch's ``*`` followed by a slash cannot say.
    without = re.sub(r"(^|/)\*\*/", r"\1", pattern)
    return [pattern] if without == pattern else [pattern, without]


def _any_of(patterns: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(translate(pattern) for pattern in patterns)) if patterns else None
