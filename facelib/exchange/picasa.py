"""Picasa: the faces in the ``.picasa.ini`` of each folder, and the names in ``contacts.xml``."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from facelib.errors import InputError
from facelib.exchange import rdf
from facelib.exchange.photo_record import People, PhotoRecord, RefusedFile
from facelib.exchange.regions import FileRegion, clean_name
from facelib.exchange.sidecar import read_small_file
from facelib.exchange.sources import file_names, files_beside, matching_files
from facelib.photos.suffixes import RAW_FORMAT_SUFFIXES
from facelib.records import Box

INI_NAMES = (".picasa.ini", "picasa.ini")
"""Lower-case names of Picasa's file in a folder; old versions, and copies on Windows, have the second."""

UNKNOWN_CONTACT = 0xFFFFFFFFFFFFFFFF
_SCALE = 65535
_FACE = re.compile(r"rect64\(\s*([0-9a-f]{1,16})\s*\)\s*,\s*([0-9a-f]{1,16})", re.IGNORECASE)
_CONTACT_SECTIONS = ("contacts", "contacts2")


def default_paths(photos: Iterable[str]) -> list[Path]:
    """The ``.picasa.ini`` of the folders of these photos."""
    return files_beside(photos, INI_NAMES.__contains__)


def read(paths: Sequence[Path]) -> Iterator[PhotoRecord | RefusedFile]:
    """Read the ``.picasa.ini`` of folders, with the names of every ``contacts.xml`` among the paths."""
    contacts: dict[int, str] = {}
    for path in paths:
        if path.suffix.lower() == ".xml":
            contacts |= parse_contacts(read_small_file(path))
    for ini in matching_files([path for path in paths if path.suffix.lower() != ".xml"], _inis):
        try:
            folder = parse_folder(read_small_file(ini))
        except InputError as error:
            yield RefusedFile(str(ini), str(error))
            continue
        present = {entry.casefold(): entry for entry in file_names(ini.parent)}
        for name in folder.faces:
            regions = file_regions(folder, name, contacts)
            if regions:
                yield PhotoRecord(str(ini.parent / present.get(name.casefold(), name)), People(tuple(regions)))


def _inis(path: Path) -> list[Path]:
    return [path] if path.name.casefold() in INI_NAMES else []


@dataclass(frozen=True)
class PicasaFace:
    """A face: its area, and the number of a contact."""

    area: Box
    contact: int


@dataclass(frozen=True)
class PicasaFolder:
    """The contents of one ``.picasa.ini``.

    Attributes
    ----------
    faces : dict of str to tuple of PicasaFace
        By file name.
    contacts : dict of int to str
        Names that the file itself has.
    """

    faces: Mapping[str, tuple[PicasaFace, ...]]
    contacts: Mapping[int, str]


def parse_rect64(code: str) -> Box:
    """Decode a ``rect64``: left, top, right, bottom with 16 bits each, in units of 1/65535; leading zeros are left out.

    Raises
    ------
    ValueError
        If it is not 1 to 16 hexadecimal digits.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{1,16}", code):
        raise ValueError(f"no rect64: {code!r}")
    value = int(code, 16)
    x0, y0, x1, y1 = ((value >> shift & 0xFFFF) / _SCALE for shift in (48, 32, 16, 0))
    return x0, y0, x1, y1


def parse_folder(content: bytes) -> PicasaFolder:
    """Parse a ``.picasa.ini``, tolerating what old versions of Picasa and text editors left there.

    Some lines may be UTF-8 and others in the Windows code page; repeated sections add up; what is not understood is ignored.

    Raises
    ------
    InputError
        If it is not text.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        lines = content.decode("utf-16", "replace").splitlines()
    elif b"\0" in content:
        raise InputError("not a .picasa.ini: it is not text")
    else:
        lines = [_decoded(line) for line in content.removeprefix(b"\xef\xbb\xbf").splitlines()]
    faces: dict[str, list[PicasaFace]] = {}
    contacts: dict[int, str] = {}
    section = ""
    for line in lines:
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            section = text[1:-1]
            continue
        key, equals, value = text.partition("=")
        if not equals:
            continue
        if section.casefold() in _CONTACT_SECTIONS:
            _add_contact(contacts, key, value)
        elif key.strip().casefold() == "faces":
            listed = faces.setdefault(section, [])
            listed += [face for face in map(_face, _FACE.finditer(value)) if face is not None and face not in listed]
    return PicasaFolder({name: tuple(listed) for name, listed in faces.items()}, contacts)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _add_contact(contacts: dict[int, str], key: str, value: str) -> None:
    # [Contacts2] has "id=name;mail;number"; the older [Contacts] has "id=user_lh,number", which is not a name.
    if re.fullmatch(r"\s*[0-9a-fA-F]{1,16}\s*", key) and not re.fullmatch(r"[^,;]*_lh,[0-9a-fA-F]*", value.strip()):
        name = clean_name(html.unescape(value.split(";")[0]))
        if name is not None:
            contacts[int(key, 16)] = name


def _face(match: re.Match[str]) -> PicasaFace | None:
    area = parse_rect64(match[1])
    if area[2] <= area[0] or area[3] <= area[1]:
        return None
    return PicasaFace(area, int(match[2], 16))


def parse_contacts(content: bytes) -> dict[int, str]:
    """The names in a ``contacts.xml``, by the number of the contact.

    Raises
    ------
    InputError
        If it is not such a file, or not safe to read.
    """
    try:
        document = rdf.parse(content)
    except ValueError as error:
        raise InputError(f"not a contacts.xml of Picasa: {error}") from error
    names: dict[int, str] = {}
    for contact in document.getElementsByTagName("contact"):
        key = contact.getAttribute("id").strip()
        name = clean_name(contact.getAttribute("name")) or clean_name(contact.getAttribute("display"))
        numbers = [key, *(subject.getAttribute("id").strip() for subject in contact.getElementsByTagName("subject"))]
        if name is not None:
            names.update((int(number, 16), name) for number in numbers if re.fullmatch(r"[0-9a-fA-F]{1,16}", number))
    return names


def file_regions(folder: PicasaFolder, file_name: str, contacts: Mapping[int, str]) -> list[FileRegion]:
    """The faces of one photo, with the names of the folder's own contacts, or else of ``contacts``.

    Picasa measures in the stored picture, except for camera raw, where it measures in the upright one (found for exiftool's
    picasa_faces.config).
    """
    faces = folder.faces.get(file_name)
    if faces is None:
        # Windows ignores the case of names; Picasa kept the case that the file had when it first saw it.
        faces = next((listed for name, listed in folder.faces.items() if name.casefold() == file_name.casefold()), ())
    upright = PurePath(file_name).suffix.lower() in RAW_FORMAT_SUFFIXES
    names = {**contacts, **folder.contacts}
    return [
        FileRegion(None if face.contact in (0, UNKNOWN_CONTACT) else names.get(face.contact), face.area, source="picasa", upright=upright)
        for face in faces
    ]
