"""The cards of the review page: people and clusters, read from the gallery again only when it has changed."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from facelib.errors import InputError
from facelib.model_zoo.thresholds_in_force import thresholds_in_force
from facelib.records import FEW_FACES
from facelib.settings import Settings
from facelib.store import names, observation_summaries, people
from facelib.store.gallery import Gallery
from facelib.store.observation_summaries import ObservationSummary
from facelib.store.people import PeopleRow, Target
from facelib.thresholds import Thresholds

_NO_FILE = -1

FACES_OF_CARD = 6
"""Faces shown on a card."""


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
class Snapshot:
    """The rows of the gallery at one time. ``stamp`` changes whenever the gallery does."""

    stamp: tuple[int, ...]
    rows: dict[Target, PeopleRow]
    suggestions: Sequence[Suggestion] | None = None


def target_from(key: Any) -> Target:
    """The person or cluster of a key; the reverse of ``str(target)``.

    Raises
    ------
    InputError
        If it is not a key.
    """
    if isinstance(key, str) and len(key) < 19 and key[:1] in ("c", "p") and key[1:].isascii() and key[1:].isdigit():
        return Target("person" if key[0] == "p" else "cluster", int(key[1:]))
    raise InputError("this is not a person or cluster")


def _plain(text: str) -> str:
    """A text for searching: without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", names.fold(text)) if not unicodedata.combining(c))


@dataclass
class Catalogue:
    """The cards of one gallery. Several threads can use it.

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
    changes_of_action : dict of int to int
        For actions that consist of several changes: the number of changes, by the id of the last one.
    writing : Lock
        Held while an action changes the gallery.
    """

    path: Path
    thresholds: Thresholds
    suggest: Suggest
    changes_of_action: dict[int, int] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)
    _snapshot: Snapshot | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, path: Path, settings: Settings, suggest: Suggest) -> Catalogue:
        """The catalogue of a gallery, with the thresholds in force.

        Raises
        ------
        GalleryError
            If the gallery cannot be read.
        """
        with Gallery.read(path) as gallery:
            thresholds, _ = thresholds_in_force(gallery.models(), settings)
            return cls(gallery.path, thresholds, suggest)

    def view(self, name: str, words: str = "", photos: int = 2) -> list[PeopleRow]:
        """The rows of a view in the order they are shown.

        Parameters
        ----------
        name : str
            ``"unnamed"``, ``"people"``, ``"strangers"`` (without a name, and seen in at most ``photos`` photos, in one moment only or
            always in one picture) or ``"hidden"``.
        words : str
            Only names that contain this, in any case and with any accents.
        """
        chosen = [row for row in self._rows().values() if self._is_in_view(row, name, photos)]
        if words:
            wanted = _plain(words)
            chosen = [row for row in chosen if wanted in _plain(row.name or "") or wanted == str(row.target)]
        if name == "unnamed":
            chosen.sort(key=lambda row: -row.faces)
        return chosen

    def _is_in_view(self, row: PeopleRow, view: str, photos: int) -> bool:
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
        """The number of cards of each view."""
        return {name: len(self.view(name)) for name in ("unnamed", "people", "strangers", "hidden")}

    def row(self, target: Target) -> PeopleRow | None:
        """The row of a person or cluster; for a cluster that belongs to a person, the row of that person."""
        rows = self._rows()
        if target in rows or target.kind == "person":
            return rows.get(target)
        return next((row for row in rows.values() if target.id in row.clusters), None)

    def cards(self, rows: Sequence[PeopleRow]) -> list[dict[str, Any]]:
        """Rows as JSON for the page."""
        targets = [row.target for row in rows]
        with Gallery.read(self.path) as gallery:
            best = observation_summaries.best_of(gallery, targets, FACES_OF_CARD)
        return [_card(row, best[target]) for row, target in zip(rows, targets, strict=True)]

    def suggestions(self) -> Sequence[Suggestion]:
        """Pairs that may be one person, the most useful first; computed once for each state of the gallery."""
        snapshot = self._current()
        if snapshot.suggestions is None:
            with self.open_gallery() as gallery:
                snapshot.suggestions = self.suggest(gallery, list(snapshot.rows.values()), self.thresholds)
        return snapshot.suggestions

    def open_gallery(self) -> Gallery:
        """The gallery, open for reading; the caller closes it."""
        return Gallery.read(self.path)

    def invalidate(self) -> None:
        """Read the gallery again at the next call, because it was just changed."""
        with self._lock:
            self._snapshot = None

    def _rows(self) -> dict[Target, PeopleRow]:
        return self._current().rows

    def _current(self) -> Snapshot:
        with self._lock:
            stamp = _stamp(self.path)
            if self._snapshot is None or self._snapshot.stamp != stamp:
                with self.open_gallery() as gallery:
                    rows = people.people_rows(gallery, all=True, min_size=self.thresholds.min_cluster_size)
                self._snapshot = Snapshot(stamp, {row.target: row for row in rows})
            return self._snapshot


def _stamp(path: Path) -> tuple[int, ...]:
    """Numbers that change whenever the database file or its write-ahead log does."""
    numbers: list[int] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            state = os.stat(file)
            numbers += [state.st_mtime_ns, state.st_size, state.st_ino]
        except OSError:
            numbers.append(_NO_FILE)
    return tuple(numbers)


def _card(row: PeopleRow, best: Sequence[int]) -> dict[str, Any]:
    return {
        "key": str(row.target),
        "name": row.name,
        "photos": row.photos,
        "faces": row.faces,
        "seen": row.observations,
        "years": "\u2013".join(sorted({text[:4] for text in (row.first, row.last) if text})),
        "hidden": row.hidden,
        "cover": list(best),
    }


def face(observation: ObservationSummary, name_of: Callable[[int | None], str | None]) -> dict[str, Any]:
    """One observation as JSON for the page."""
    return {
        "id": observation.id,
        "photo": observation.photo_id,
        "date": (observation.taken_at or "")[:10] or None,
        "person": None if observation.person_id is None else f"p{observation.person_id}",
        "name": name_of(observation.person_id),
        "cluster": observation.cluster,
        "standing": observation.standing,
        "judged": observation.judged,
        "face": observation.has_face,
    }
