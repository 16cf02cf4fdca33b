"""What files of other programs say of photos, one record a photo, whatever their format."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from facelib.errors import InputError
from facelib.exchange import csv_table as tables
from facelib.exchange import picasa, takeout
from facelib.exchange.regions import Mark, Region, clean_name, merged
from facelib.exchange.sidecar import embedded_packet, photo_of, read_bounded, sidecars
from facelib.exchange.xmp_people import People, joined, read_people
from facelib.photos.suffixes import PHOTO_SUFFIXES, RAW_FORMAT_SUFFIXES


@dataclass(frozen=True)
class Said:
    """What one file says of one photo.

    Attributes
    ----------
    photo : str
        Absolute path; empty where only ``sha256`` is told.
    people : People
        Regions in the frame of another program, and names without a place.
    regions : tuple of Region
        Regions that are in pixels of the upright picture already.
    sha256 : str
        64 hexadecimal digits, or empty.
    """

    photo: str
    people: People = field(default_factory=People)
    regions: tuple[Region, ...] = ()
    sha256: str = ""


@dataclass(frozen=True)
class Refused:
    """A file that cannot be read, and why."""

    path: str
    why: str


FORMS = ("xmp", "picasa", "takeout", "csv", "json")
"""The formats that can be read; the last two need a path."""

Source = Iterator["Said | Refused"]
_SUFFIXES = PHOTO_SUFFIXES | RAW_FORMAT_SUFFIXES
_MOST_OF_A_TABLE = 1 << 30


def beside(form: str, photos: Iterable[str]) -> list[Path]:
    """Where to look for what is said of photos, without being told: the photos themselves, or the files in their folders."""
    if form == "xmp":
        return [Path(photo) for photo in photos if os.path.exists(photo)]
    folders = [Path(folder) for folder in sorted({os.path.dirname(photo) for photo in photos})]
    wanted = (lambda name: name.casefold() in picasa.INI_NAMES) if form == "picasa" else (lambda name: name.casefold().endswith(".json"))
    return [folder / name for folder in folders for name in _names_in(folder) if wanted(name)]


def in_xmp(paths: Sequence[Path]) -> Source:
    """What sidecars and embedded packets say: of photos, of sidecars' photos, of all photos below folders."""
    for photo in _each(paths, _xmp_photos):
        marks: list[Mark] = []
        names: list[str | None] = []
        for origin, packet in _packets(photo):
            try:
                people = read_people(packet() if callable(packet) else packet)
            except (ValueError, InputError) as error:
                yield Refused(str(origin), str(error))
                continue
            marks = merged([*marks, *people.marks])
            names += people.names
        found = joined(marks, names)
        if found.marks or found.names:
            yield Said(str(photo), found)


def _packets(photo: Path) -> Iterator[tuple[Path, Callable[[], bytes] | bytes]]:
    # Sidecars first: what a program writes beside a photo is newer than what is inside, or it would have written there.
    for sidecar in sidecars(photo):
        yield sidecar, lambda sidecar=sidecar: read_bounded(sidecar)  # type: ignore[misc]
    packet = embedded_packet(photo)
    if packet is not None:
        yield photo, packet


def _xmp_photos(path: Path) -> Iterator[Path]:
    if path.suffix.lower() == ".xmp":
        yield from photo_of(path)
    elif path.suffix.lower() in _SUFFIXES:
        yield path


def in_picasa(paths: Sequence[Path]) -> Source:
    """What the ``.picasa.ini`` of folders say, with the names of a ``contacts.xml`` that is among the paths."""
    known: dict[int, str] = {}
    for path in paths:
        if path.suffix.lower() == ".xml":
            known |= picasa.parse_contacts(read_bounded(path))
    for ini in _each([path for path in paths if path.suffix.lower() != ".xml"], _picasa_ini):
        try:
            folder = picasa.parse_folder(read_bounded(ini))
        except InputError as error:
            yield Refused(str(ini), str(error))
            continue
        present = {entry.casefold(): entry for entry in _names_in(ini.parent)}
        for name in folder.faces:
            marks = picasa.marks_of(folder, name, known)
            if marks:
                yield Said(str(ini.parent / present.get(name.casefold(), name)), People(tuple(marks)))


def _picasa_ini(path: Path) -> Iterator[Path]:
    if path.name.casefold() in picasa.INI_NAMES:
        yield path


def in_takeout(paths: Sequence[Path]) -> Source:
    """What the JSON files of a Google Takeout say: names without a place."""
    folders: dict[Path, takeout.Folder] = {}
    for path in _each(paths, lambda path: iter([path] if path.suffix.lower() == ".json" else [])):
        if path.parent not in folders:
            folders = {path.parent: takeout.Folder(_names_in(path.parent))}
        try:
            item = takeout.parse(read_bounded(path))
        except InputError as error:
            yield Refused(str(path), str(error))
            continue
        if item is None or not item.names:
            continue
        photos = folders[path.parent].photos_of(path.name, item.title)
        if not photos:
            yield Refused(str(path), f"the photo '{item.title}' is not beside it")
        for name in photos:
            yield Said(str(path.parent / name), People(names=item.names))


def in_csv(paths: Sequence[Path]) -> Source:
    """What tables say; rows of one photo that follow one another make one record."""
    for path in paths:
        content = _read_table(path)
        try:
            yield from _by_photo(map(_of_row, tables.read_rows(content)))
        except InputError as error:
            raise InputError(f"{path}: {error}", error.advice) from error


def read(form: str, paths: Sequence[Path]) -> Source:
    """What files of one of :data:`FORMS` say.

    Raises
    ------
    InputError
        If a path does not exist, or a file named on its own cannot be used.
    """
    readers: dict[str, Callable[[Sequence[Path]], Source]] = {
        "xmp": in_xmp,
        "picasa": in_picasa,
        "takeout": in_takeout,
        "csv": in_csv,
        "json": in_json,
    }
    return readers[form](paths)


def _of_row(row: tables.Row) -> Said:
    if row.standing == "likely" or not row.name:
        return Said(row.photo, sha256=row.sha256)
    if row.box is None:
        return Said(row.photo, People(names=(row.name,)), sha256=row.sha256)
    region = Region(row.name, row.box, row.part, "csv", rejected=row.standing == "not")
    return Said(row.photo, regions=(region,), sha256=row.sha256)


def in_json(paths: Sequence[Path]) -> Source:
    """What ``facelib export json`` wrote: what is certain in it, with a name."""
    for path in paths:
        for number, line in enumerate(_read_table(path).decode("utf-8", "surrogateescape").split("\n"), start=1):
            if not line.strip():
                continue
            try:
                yield _of_photo(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                yield Refused(str(path), f"line {number} is not a photo as facelib export json writes it")


def _of_photo(record: dict[str, Any]) -> Said:
    if record["schema"] != 1:
        raise ValueError("another schema")
    regions = []
    for seen in record["observations"]:
        part = "face" if seen["face"] else "body"
        name = clean_name(seen["person"]["name"]) if seen["person"] else None
        if name is not None and seen["standing"] == "certain":
            x0, y0, x1, y1 = (float(side) for side in seen[part]["box"])
            regions.append(Region(name, (x0, y0, x1, y1), part, "json"))
    sha256 = record["sha256"] or ""
    if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError("no SHA-256")
    return Said(str(record["photo"]), regions=tuple(regions), sha256=sha256)


def _read_table(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_OF_A_TABLE:
            raise InputError(f"{path} is too long", "split it")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error


def _by_photo(records: Iterable[Said]) -> Iterator[Said]:
    last: Said | None = None
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


def _each(paths: Iterable[Path], chosen: Callable[[Path], Iterator[Path]]) -> Iterator[Path]:
    """What ``chosen`` makes of files, and of those below folders, each once; links to folders are not followed."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise InputError(f"there is no file or folder {path}")
        found = _below(path) if path.is_dir() else iter([path])
        for file in found:
            for wanted in chosen(Path(os.path.abspath(file))):
                if wanted not in seen:
                    seen.add(wanted)
                    yield wanted


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names))


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
