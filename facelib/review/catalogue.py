"""What the review page shows: people and clusters as cards, read anew when the gallery has changed and only then."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from facelib.errors import InputError
from facelib.records import FEW_FACES
from facelib.settings import Settings
from facelib.store import names, people, portraits
from facelib.store.gallery import Gallery
from facelib.store.people import PeopleRow, Target
from facelib.store.portraits import Portrait, target_of
from facelib.thresholds import Thresholds

COVER = 6
"""Faces shown of a card."""


class Suggestion(Protocol):
    """A pair that may be one person, as :class:`facelib.stages.suggestions.Suggestion`."""

    @property
    def first(self) -> Target: ...
    @property
    def second(self) -> Target: ...
    @property
    def distance(self) -> float: ...


Suggest = Callable[[Gallery, Sequence[PeopleRow], Thresholds], Sequence[Suggestion]]


@dataclass
class Reading:
    """The gallery at one moment. ``stamp`` changes whenever the gallery does."""

    stamp: tuple[int, ...]
    rows: dict[Target, PeopleRow]
    suggestions: Sequence[Suggestion] | None = None


def key_of(target: Target) -> str:
    """``c7`` or ``p3``."""
    return f"{target.kind[0]}{target.id}"


def target_from(key: Any) -> Target:
    """The reverse of :func:`key_of`; never a name.

    Raises
    ------
    InputError
    """
    if isinstance(key, str) and len(key) < 19 and key[:1] in ("c", "p") and key[1:].isascii() and key[1:].isdigit():
        return Target("person" if key[0] == "p" else "cluster", int(key[1:]))
    raise InputError("that is no person and no cluster")


def _plain(text: str) -> str:
    """A name to search in: without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", names.fold(text)) if not unicodedata.combining(c))


@dataclass
class Catalogue:
    """The cards of one gallery. Safe to use from several threads.

    Parameters
    ----------
    path : Path
        Of the gallery.
    thresholds : Thresholds
        Read: min_cluster_size, suggestion_reach, and those of ``suggest``.
    suggest : callable
        Pairs of rows that may be one person, the most rewarding first: :func:`facelib.stages.suggestions.suggest`.

    Attributes
    ----------
    together : dict of int to int
        Of actions made of several changes: the id of the last, and how many.
    writing : Lock
        Held by the one action of this process that is being done.
    """

    path: Path
    thresholds: Thresholds
    suggest: Suggest
    together: dict[int, int] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)
    _reading: Reading | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, path: Path, settings: Settings, suggest: Suggest) -> Catalogue:
        """The catalogue of a gallery, with the thresholds in force.

        Raises
        ------
        GalleryError
            If there is none that can be read.
        """
        with Gallery.read(path) as gallery:
            thresholds, _ = settings.thresholds(gallery.models())
            return cls(gallery.path, thresholds, suggest)

    def view(self, name: str, words: str = "", photos: int = 2) -> list[PeopleRow]:
        """The rows of a view in the order they are shown.

        Parameters
        ----------
        name : str
            ``"unnamed"``, ``"people"``, ``"strangers"`` (unnamed, and seen in at most ``photos`` photos, in one moment only or
            always in one picture) or ``"hidden"``.
        words : str
            Only names that contain this, whatever its case and accents.
        """
        chosen = [row for row in self._rows().values() if self._belongs(row, name, photos)]
        if words:
            wanted = _plain(words)
            chosen = [row for row in chosen if wanted in _plain(row.name or "") or wanted == key_of(target_of(row))]
        if name == "unnamed":
            chosen.sort(key=lambda row: -row.faces)
        return chosen

    def _belongs(self, row: PeopleRow, view: str, photos: int) -> bool:
        if view == "hidden":
            return row.hidden
        if row.hidden:
            return False
        if view == "people":
            return row.name is not None
        if row.name is not None:
            return False
        if view == "unnamed":
            return not row.reason
        return row.photos <= photos or row.reason not in ("", FEW_FACES)

    def counts(self) -> dict[str, int]:
        """How many cards each view has."""
        return {name: len(self.view(name)) for name in ("unnamed", "people", "strangers", "hidden")}

    def row(self, target: Target) -> PeopleRow | None:
        """The row of a person or cluster; that of its person for a cluster that has one."""
        rows = self._rows()
        if target in rows or target.kind == "person":
            return rows.get(target)
        return next((row for row in rows.values() if target.id in row.clusters), None)

    def cards(self, rows: Sequence[PeopleRow]) -> list[dict[str, Any]]:
        """Rows as the page takes them."""
        targets = [target_of(row) for row in rows]
        with Gallery.read(self.path) as gallery:
            covers = portraits.covers(gallery, targets, COVER)
        return [_card(row, covers[target]) for row, target in zip(rows, targets, strict=True)]

    def suggestions(self) -> Sequence[Suggestion]:
        """Pairs that may be one person, the most rewarding first; computed once for each state of the gallery."""
        reading = self._current()
        if reading.suggestions is None:
            with self.reading() as gallery:
                reading.suggestions = self.suggest(gallery, list(reading.rows.values()), self.thresholds)
        return reading.suggestions

    def reading(self) -> Gallery:
        """The gallery, open for reading; to be closed."""
        return Gallery.read(self.path)

    def forget_reading(self) -> None:
        """Read anew at the next call: the gallery was changed just now."""
        with self._lock:
            self._reading = None

    def _rows(self) -> dict[Target, PeopleRow]:
        return self._current().rows

    def _current(self) -> Reading:
        with self._lock:
            stamp = _stamp(self.path)
            if self._reading is None or self._reading.stamp != stamp:
                with self.reading() as gallery:
                    rows = people.people_rows(gallery, all=True, min_size=self.thresholds.min_cluster_size)
                self._reading = Reading(stamp, {target_of(row): row for row in rows})
            return self._reading


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes whenever the database file or its write-ahead log does."""
    numbers: list[int] = []
    for place in (path, path.with_name(path.name + "-wal")):
        try:
            state = os.stat(place)
            numbers += [state.st_mtime_ns, state.st_size, state.st_ino]
        except OSError:
            numbers.append(-1)
    return tuple(numbers)


def _card(row: PeopleRow, cover: Sequence[int]) -> dict[str, Any]:
    return {
        "key": key_of(target_of(row)),
        "name": row.name,
        "photos": row.photos,
        "faces": row.faces,
        "seen": row.observations,
        "years": "\u2013".join(sorted({text[:4] for text in (row.first, row.last) if text})),
        "hidden": row.hidden,
        "cover": list(cover),
    }


def face(portrait: Portrait, name_of: Callable[[int | None], str | None]) -> dict[str, Any]:
    """One observation as the page takes it."""
    return {
        "id": portrait.id,
        "photo": portrait.photo_id,
        "date": (portrait.taken_at or "")[:10] or None,
        "person": None if portrait.person_id is None else f"p{portrait.person_id}",
        "name": name_of(portrait.person_id),
        "cluster": portrait.cluster,
        "standing": portrait.standing,
        "judged": portrait.judged,
        "face": portrait.has_face,
    }
