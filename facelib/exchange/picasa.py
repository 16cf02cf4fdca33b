"""Picasa's faces: ``.picasa.ini`` in every folder, and the names in ``contacts.xml``."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from facelib.errors import InputError
from facelib.exchange import rdf
from facelib.exchange.regions import Mark, clean_name
from facelib.photos.suffixes import RAW_FORMAT_SUFFIXES
from facelib.records import Box

INI_NAMES = (".picasa.ini", "picasa.ini")
"""Lower-case names of Picasa's file in a folder; the second is that of old versions, and of Windows copies."""

NOBODY = 0xFFFFFFFFFFFFFFFF
_SCALE = 65535
_FACE = re.compile(r"rect64\(\s*([0-9a-f]{1,16})\s*\)\s*,\s*([0-9a-f]{1,16})", re.IGNORECASE)
_CONTACT_SECTIONS = ("contacts", "contacts2")


@dataclass(frozen=True)
class PicasaFace:
    """A face as the file has it: where, and whose by Picasa's number of a contact."""

    area: Box
    contact: int


@dataclass(frozen=True)
class PicasaFolder:
    """What one ``.picasa.ini`` says.

    Attributes
    ----------
    faces : dict of str to tuple of PicasaFace
        By file name.
    contacts : dict of int to str
        The names the file itself gives.
    """

    faces: Mapping[str, tuple[PicasaFace, ...]]
    contacts: Mapping[int, str]


def area_of_rect64(code: str) -> Box:
    """The area a ``rect64`` stands for: left, top, right, bottom as 16 bits each, in parts of 65535; leading zeros are left out.

    Raises
    ------
    ValueError
        If it is not up to 16 hexadecimal digits.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{1,16}", code):
        raise ValueError(f"no rect64: {code!r}")
    value = int(code, 16)
    x0, y0, x1, y1 = ((value >> shift & 0xFFFF) / _SCALE for shift in (48, 32, 16, 0))
    return x0, y0, x1, y1


def rect64_of_area(area: Box) -> str:
    """The inverse of :func:`area_of_rect64`, exact to half a step of 1/65535."""
    value = 0
    for side in area:
        value = value << 16 | round(min(max(side, 0.0), 1.0) * _SCALE)
    return f"{value:x}"


def parse_folder(content: bytes) -> PicasaFolder:
    """Parse a ``.picasa.ini``, forgiving what Picasa's versions and users' editors left there.

    Lines may be UTF-8 or of the Windows code page, side by side; sections may repeat, and then add up; what is not understood is left out.

    Raises
    ------
    InputError
        If it is no text at all.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        lines = content.decode("utf-16", "replace").splitlines()
    elif b"\0" in content:
        raise InputError("not a .picasa.ini: it is no text")
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
            found = [face for face in map(_face, _FACE.finditer(value)) if face is not None]
            kept = faces.setdefault(section, [])
            kept += [face for face in found if face not in kept]
    return PicasaFolder({name: tuple(found) for name, found in faces.items()}, contacts)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _add_contact(contacts: dict[int, str], key: str, value: str) -> None:
    # [Contacts2] has "id=name;mail;number"; the older [Contacts] has "id=user_lh,number", which names nobody.
    if re.fullmatch(r"\s*[0-9a-fA-F]{1,16}\s*", key) and not re.fullmatch(r"[^,;]*_lh,[0-9a-fA-F]*", value.strip()):
        name = clean_name(html.unescape(value.split(";")[0]))
        if name is not None:
            contacts[int(key, 16)] = name


def _face(match: re.Match[str]) -> PicasaFace | None:
    area = area_of_rect64(match[1])
    if area[2] <= area[0] or area[3] <= area[1]:
        return None
    return PicasaFace(area, int(match[2], 16))


def parse_contacts(content: bytes) -> dict[int, str]:
    """The names in a ``contacts.xml``, by Picasa's number of the contact.

    Raises
    ------
    InputError
        If it is no such file, or none that is safe to read.
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


def marks_of(folder: PicasaFolder, file_name: str, contacts: Mapping[int, str]) -> list[Mark]:
    """The faces of one photo, with the names of the folder's own contacts, or else of ``contacts``.

    Picasa measures in the stored picture but, for camera raw, in the upright one (found for exiftool's picasa_faces.config).
    """
    found = folder.faces.get(file_name)
    if found is None:
        # Windows does not tell names by case; Picasa kept the case a file had when it was first seen.
        found = next((faces for name, faces in folder.faces.items() if name.casefold() == file_name.casefold()), ())
    upright = PurePath(file_name).suffix.lower() in RAW_FORMAT_SUFFIXES
    known = {**contacts, **folder.contacts}
    return [
        Mark(None if face.contact in (0, NOBODY) else known.get(face.contact), face.area, source="picasa", upright=upright)
        for face in found
    ]
