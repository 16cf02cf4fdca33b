"""The contact sheet: one self-contained HTML file with the people and their faces by year.

Users may print it or give it to their family, so it contains only names, years, counts and faces: no paths, file names, places or ids.
It has no script, and its content security policy forbids it to load anything.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from facelib.errors import InputError, PhotoError
from facelib.review import thumbnails
from facelib.review.thumbnails import Thumbnails
from facelib.store import observation_summaries, photos
from facelib.store.gallery import Gallery
from facelib.store.observation_summaries import ObservationSummary
from facelib.store.people import PeopleRow

MARK = "<!-- written by facelib sheet -->"
"""In the first line of every sheet. Only a file with this mark is overwritten."""

FACES_A_YEAR, FACES_A_PERSON, SIDE = 8, 64, 112
_PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Year:
    """The faces shown of one year, or of no known year, and the number of those not shown."""

    label: str
    pictures: Sequence[str | None]
    more: int


@dataclass(frozen=True)
class Section:
    """A person on the sheet; ``name`` is None for a cluster without one."""

    name: str | None
    photos: int
    faces: int
    span: str
    years: Sequence[Year]


def sections(gallery: Gallery, rows: Iterable[PeopleRow], a_year: int = FACES_A_YEAR) -> Iterator[Section]:
    """The people of a sheet, one after the other, because the pictures take time.

    Parameters
    ----------
    a_year : int
        The largest number of faces of a person in one year; in all years ``FACES_A_PERSON``. The most reliable are chosen.
    """
    pictures = Thumbnails()
    for row in rows:
        faces = [each for each in observation_summaries.of_target(gallery, row.target) if each.has_face]
        total = Counter(map(_year, faces))
        chosen = _choose(faces, min(a_year, max(1, FACES_A_PERSON // max(len(total), 1))))
        years = [
            Year(label, [_picture(gallery, pictures, each) for each in shown], total[label] - len(shown))
            for label, shown in ((label, list(group)) for label, group in groupby(chosen, key=_year))
        ]
        dated = sorted(label for label in total if label)
        span = "" if not dated else dated[0] if dated[0] == dated[-1] else f"{dated[0]}\u2013{dated[-1]}"
        yield Section(row.name, row.photos, row.faces, span, years)


def _year(face: ObservationSummary) -> str:
    return (face.taken_at or "")[:4]


def _choose(faces: Sequence[ObservationSummary], a_year: int) -> list[ObservationSummary]:
    """The most reliable faces of each year, one of each photo, in the given order."""
    chosen: set[int] = set()
    count: Counter[str] = Counter()
    photos_used: set[int] = set()
    for each in sorted(faces, key=lambda face: (-face.reliability, face.id)):
        if count[_year(each)] < a_year and each.photo_id not in photos_used:
            count[_year(each)] += 1
            photos_used.add(each.photo_id)
            chosen.add(each.id)
    return [each for each in faces if each.id in chosen]


def _picture(gallery: Gallery, pictures: Thumbnails, face: ObservationSummary) -> str | None:
    """A face as a data URI; None if its photo is missing or cannot be read."""
    content = thumbnails.cached(face.sha256, face.box)
    if content is None:
        row = next(iter(photos.photos(gallery, [face.photo_id])), None)
        if row is None or not row.present or not row.width or not row.height:
            return None
        others = [other.box for other in observation_summaries.of_photo(gallery, face.photo_id)]
        try:
            content = pictures.get(face.sha256, row.path, (row.width, row.height), face.box, others)
        except PhotoError:
            return None
    return f"data:image/jpeg;base64,{base64.b64encode(thumbnails.resized(content, SIDE)).decode('ascii')}"


def render(people: Iterable[Section]) -> str:
    """The sheet as HTML; names are escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = (_PAGES / "sheet.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return environment.get_template("sheet.html").render(mark=MARK, people=list(people), style=style, digest=digest)


def write(path: Path, text: str) -> int:
    """Write a sheet that only its owner can read. Never overwrites a file that is not a sheet. Returns its size in bytes.

    Raises
    ------
    InputError
        If it cannot be written, or another file has this path.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder", "name a file, such as people.html")
        if path.exists() and MARK.encode() not in path.read_bytes()[:200]:
            raise InputError(f"{path} exists and is not a contact sheet", "choose another name, or remove the file")
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
                size = file.write(text.encode("utf-8", "replace"))
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return size
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
