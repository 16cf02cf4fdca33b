"""What the review page shows: people and clusters as cards, read anew when the gallery has changed and only then."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facelib.errors import InputError
from facelib.model_zoo.thresholds_in_force import thresholds_in_force
from facelib.review.suggestions import Suggestion, suggest
from facelib.settings import Settings
from facelib.store import names, observation_summaries, people
from facelib.store.gallery import Gallery
from facelib.store.observation_summaries import ObservationSummary
from facelib.store.people import PeopleRow, Target

_REACH = 1.3
"""How much farther than the runs join by themselves the page asks."""

COVER = 6
"""Faces shown of a card."""


@dataclass
class Reading:
    """The gallery at one moment. ``stamp`` changes whenever the gallery does."""

    stamp: tuple[int, ...]
    rows: dict[Target, PeopleRow]
    suggestions: list[Suggestion] | None = None


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
    min_size : int
        Faces from which an unnamed cluster is worth a name.
    reach : float
        Cosine distance up to which two clusters may be suggested as one person.

    Attributes
    ----------
    together : dict of int to int
        Of actions made of several changes: the id of the last, and how many.
    writing : Lock
        Held by the one action of this process that is being done.
    """

    path: Path
    min_size: int
    reach: float
    together: dict[int, int] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)
    _reading: Reading | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, path: Path, settings: Settings) -> Catalogue:
        """The catalogue of a gallery, with the thresholds in force.

        Raises
        ------
        GalleryError
            If there is none that can be read.
        """
        with Gallery.read(path) as gallery:
            thresholds, _ = thresholds_in_force(gallery.models(), settings)
            return cls(gallery.path, thresholds.min_cluster_size, min(_REACH * thresholds.second_cut, 1.0))

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
            chosen = [row for row in chosen if wanted in _plain(row.name or "") or wanted == key_of(row.target)]
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
        return row.photos <= photos or row.reason not in ("", "few")

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
        targets = [row.target for row in rows]
        with Gallery.read(self.path) as gallery:
            covers = observation_summaries.best_of(gallery, targets, COVER)
        return [_card(row, covers[target]) for row, target in zip(rows, targets, strict=True)]

    def suggestions(self) -> list[Suggestion]:
        """Pairs that may be one person, the most rewarding first; computed once for each state of the gallery."""
        reading = self._current()
        if reading.suggestions is None:
            with self.reading() as gallery:
                reading.suggestions = suggest(gallery, list(reading.rows.values()), self.reach)
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
                    rows = people.people_rows(gallery, all=True, min_size=self.min_size)
                self._reading = Reading(stamp, {row.target: row for row in rows})
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
        "key": key_of(row.target),
        "name": row.name,
        "photos": row.photos,
        "faces": row.faces,
        "seen": row.observations,
        "years": "\u2013".join(sorted({text[:4] for text in (row.first, row.last) if text})),
        "hidden": row.hidden,
        "cover": list(cover),
    }


def face(portrait: ObservationSummary, name_of: Callable[[int | None], str | None]) -> dict[str, Any]:
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
