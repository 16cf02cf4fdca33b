"""Google Takeout: the names in its JSON files, and the photos these files belong to."""

from __future__ import annotations

import html
import json
import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from facelib.errors import InputError
from facelib.exchange.photo_record import People, PhotoRecord, RefusedFile
from facelib.exchange.regions import clean_name
from facelib.exchange.sidecar import read_small_file
from facelib.exchange.sources import file_names, files_beside, matching_files

MAX_BYTES = 4 * 1024 * 1024
MAX_STEM = 46
"""Takeout cuts the name of a JSON file to this many characters before ``.json``, not counting a number in brackets."""

SUPPLEMENT = "supplemental-metadata"
_EDITED = (
    "edited", "effects", "bearbeitet", "modifié", "editado", "ha editado", "modificato", "bewerkt", "edytowane", "redigerad", "redigeret",
    "redigert", "muokattu", "editat", "upraveno", "szerkesztve", "düzenlendi", "изменено", "編集済み", "已修改", "已編輯", "수정됨",
)  # fmt: skip
_NUMBER = re.compile(r"^(?P<base>.*?)\((?P<number>\d{1,4})\)$", re.DOTALL)
# Characters that Takeout replaces in file names.
_FORBIDDEN = re.compile(r"[&<>:\"/\\|?*%'\x00-\x1f]")


def default_paths(photos: Iterable[str]) -> list[Path]:
    """The JSON files in the folders of these photos."""
    return files_beside(photos, lambda name: name.endswith(".json"))


def read(paths: Sequence[Path]) -> Iterator[PhotoRecord | RefusedFile]:
    """Read JSON files of a Takeout: names without a region."""
    folders: dict[Path, TakeoutFolder] = {}
    for path in matching_files(paths, lambda path: [path] if path.suffix.lower() == ".json" else []):
        if path.parent not in folders:
            folders = {path.parent: TakeoutFolder(file_names(path.parent))}
        try:
            item = parse_item(read_small_file(path))
        except InputError as error:
            yield RefusedFile(str(path), str(error))
            continue
        if item is None or not item.names:
            continue
        photos = folders[path.parent].photos_of(path.name, item.title)
        if not photos:
            yield RefusedFile(str(path), f"the photo '{item.title}' is not beside it")
        for name in photos:
            yield PhotoRecord(str(path.parent / name), People(names=item.names))


@dataclass(frozen=True)
class TakeoutItem:
    """One JSON file of a Takeout: the title of its photo and the people in it."""

    title: str
    names: tuple[str, ...]


def parse_item(content: bytes) -> TakeoutItem | None:
    """Parse a JSON file of a Takeout.

    Returns
    -------
    TakeoutItem or None
        None for JSON that is not about a photo: albums, settings, files of other programs.

    Raises
    ------
    InputError
        If it is not JSON.
    """
    if len(content) > MAX_BYTES:
        raise InputError("too long to be from Google Takeout")
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON ({error})") from error
    if not isinstance(data, dict) or not isinstance(data.get("title"), str) or not ("photoTakenTime" in data or "creationTime" in data):
        return None
    people = data.get("people")
    names: list[str] = []
    for person in people if isinstance(people, list) else ():
        name = clean_name(person.get("name")) if isinstance(person, dict) and isinstance(person.get("name"), str) else None
        if name is not None and name not in names:
            names.append(name)
    return TakeoutItem(data["title"], tuple(names))


class TakeoutFolder:
    """The photos in one folder of a Takeout, found by the JSON files that belong to them.

    Parameters
    ----------
    names : iterable of str
        The names of the photos; other files may be among them.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_key = {_key(name): name for name in names if not name.casefold().endswith(".json")}
        self._keys = sorted(self._by_key)

    def photos_of(self, json_name: str, title: str = "") -> list[str]:
        """The photo a JSON file belongs to and its edited versions; empty if that is not certain.

        Parameters
        ----------
        title : str
            The title in the file; it decides between photos whose names were cut to the same characters.
        """
        stem = json_name[: -len(".json")] if json_name.casefold().endswith(".json") else json_name
        match = _NUMBER.match(stem)
        number, base = (match["number"], match["base"]) if match else (None, stem)
        found = self._exact_match(base, number) or self._truncated_match(base, number, title)
        if not found and match:
            # The brackets belong to the photo's own name: "scan (1).json" of "scan (1)".
            found = self._exact_match(stem, None) or self._truncated_match(stem, None, title)
        if not found and title:
            found = self._exact_match(_FORBIDDEN.sub("_", html.unescape(title)), number)
        return [name for photo in found for name in (photo, *self._edited(photo))]

    def _exact_match(self, base: str, number: str | None) -> list[str]:
        for name in _without_supplement(base):
            found = self._by_key.get(_key(_numbered(name, number)))
            if found is not None:
                return [found]
        return []

    def _truncated_match(self, base: str, number: str | None, title: str) -> list[str]:
        """Photos whose names continue where the name of the JSON file was cut."""
        if max(len(base), len(base.encode())) < MAX_STEM:
            return []
        for start in _without_supplement(base):
            found = [name for name in self._with_prefix(start) if not _is_edited(name) and _number_of(name) == number]
            if len(found) > 1 and title:
                wanted = _key(_numbered(_FORBIDDEN.sub("_", html.unescape(title)), number))
                found = [name for name in found if _is_truncated(_key(name), wanted)]
            if len(found) == 1:
                return found
        return []

    def _with_prefix(self, start: str) -> list[str]:
        key = _key(start)
        found = []
        for k in range(bisect_left(self._keys, key), len(self._keys)):
            if not self._keys[k].startswith(key):
                break
            found.append(self._by_key[self._keys[k]])
        return found

    def _edited(self, photo: str) -> list[str]:
        """The edited versions of a photo, which have no JSON file of their own: ``x-edited(1).jpg`` of ``x(1).jpg``."""
        root, suffix = os.path.splitext(photo)
        match = _NUMBER.match(root)
        base, number = (match["base"], match["number"]) if match else (root, None)
        versions = (_key(_numbered(f"{base}-{word}{suffix}", number)) for word in _EDITED)
        return [self._by_key[key] for key in versions if key in self._by_key]


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _number_of(name: str) -> str | None:
    """``"2"`` of ``x(2).jpg``."""
    match = _NUMBER.match(os.path.splitext(name)[0])
    return match["number"] if match else None


def _numbered(name: str, number: str | None) -> str:
    """``x(2).jpg`` of ``x.jpg``."""
    if number is None:
        return name
    root, suffix = os.path.splitext(name)
    return f"{root}({number}){suffix}"


def _without_supplement(base: str) -> list[str]:
    """The names a stem may mean: itself, and itself without the rest of ``.supplemental-metadata``."""
    head, dot, tail = base.rpartition(".")
    if dot and head and SUPPLEMENT.startswith(tail.casefold()):
        return [base, head] if tail else [head, base]
    return [base]


def _is_truncated(name: str, whole: str) -> bool:
    """Whether a photo's name is ``whole``, or ``whole`` cut: Takeout cuts long names before the suffix."""
    root, suffix = os.path.splitext(name)
    return whole.startswith(root) and whole.endswith(suffix)


def _is_edited(name: str) -> bool:
    root = os.path.splitext(name)[0].casefold()
    match = _NUMBER.match(root)
    return any((match["base"] if match else root).endswith(f"-{word}") for word in _EDITED)
