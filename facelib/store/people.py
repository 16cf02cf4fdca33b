"""People: those of the gallery, their names, and the rows that ``people`` lists."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from facelib.errors import InputError
from facelib.store import changes, clusters, ownership, unlisted
from facelib.store import names as naming
from facelib.store.connection import id_list, now
from facelib.store.gallery import Gallery


@dataclass(frozen=True)
class Target:
    """The cluster or person that the user means by ``7``, ``c7``, ``p3`` or a name."""

    kind: Literal["cluster", "person"]
    id: int

    def __str__(self) -> str:
        """``c7`` or ``p3``, as on the command line."""
        return f"{self.kind[0]}{self.id}"


@dataclass(frozen=True)
class Person:
    """A person of the gallery. ``name`` is None if the user merged or hid clusters without naming them."""

    id: int
    name: str | None
    hidden: bool


@dataclass(frozen=True)
class PeopleRow:
    """A row of ``people``: a person with its clusters, or a cluster without a person.

    Attributes
    ----------
    clusters : tuple of int
        Ascending; for a cluster without a person only its own id.
    photos, faces, observations : int
        Counts; ``observations`` includes bodies without a face.
    first, last : str or None
        When the earliest and the latest of the photos were taken, by the camera's clock.
    reason : str
        Why only ``people --all`` lists it: ``"few"`` faces, or a reason of :func:`facelib.store.unlisted.unlisted`; else empty.
    """

    person_id: int | None
    name: str | None
    clusters: tuple[int, ...]
    photos: int
    faces: int
    observations: int
    first: str | None
    last: str | None
    hidden: bool
    reason: str = ""

    @property
    def target(self) -> Target:
        """The person of the row, or the cluster of a row without a person."""
        return Target("cluster", self.clusters[0]) if self.person_id is None else Target("person", self.person_id)

    def is_any_of(self, targets: Iterable[Target]) -> bool:
        """Whether one of these targets means this row; a cluster means the person that owns it."""
        return any(target.id == self.person_id if target.kind == "person" else target.id in self.clusters for target in targets)


def people(gallery: Gallery) -> dict[int, Person]:
    """All people by id, including hidden ones."""
    rows = gallery.db.execute("SELECT id, name, hidden FROM people WHERE ended_by IS NULL ORDER BY id").fetchall()
    return {key: Person(key, name, bool(hidden)) for key, name, hidden in rows}


def names(gallery: Gallery) -> dict[int, str | None]:
    """The name of each person by id."""
    return {person.id: person.name for person in people(gallery).values()}


def find(gallery: Gallery, name: str) -> Person | None:
    """The person of this name, in any case and Unicode composition, or None."""
    row = gallery.db.execute("SELECT id, name, hidden FROM people WHERE folded = ? AND ended_by IS NULL", (naming.fold(name),)).fetchone()
    return Person(row[0], row[1], bool(row[2])) if row else None


def add(gallery: Gallery, name: str | None, change: int | None = None) -> int:
    """Add a person, unless one of that name exists; returns its id.

    Raises
    ------
    InputError
        If ``name`` is not a valid name (:func:`facelib.store.names.clean`).
    """
    with gallery.atomic():
        cleaned = None if name is None else naming.clean(name)
        present = find(gallery, cleaned) if cleaned is not None else None
        if present is not None:
            return present.id
        if change is None:
            change = changes.log(gallery, "add", {"name": cleaned})
        done = gallery.db.execute(
            "INSERT INTO people (name, folded, created_at, made_by) VALUES (?, ?, ?, ?)",
            (cleaned, None if cleaned is None else naming.fold(cleaned), now(), change),
        )
        return int(done.lastrowid or 0)


def resolve(gallery: Gallery, text: str) -> Target:
    """The cluster or person that ``7`` or ``c7`` (cluster), ``p3`` (person) or a name stands for.

    A name without its qualifier, ``Ana`` for ``Ana (school)``, is enough as long as only one person has it.

    Raises
    ------
    InputError
        If there is no such cluster or person (the advice names similar names), or several people of that name.
    """
    match = re.fullmatch(r"([cp]?)([0-9]{1,18})", text.strip(), re.IGNORECASE)
    if match:
        kind: Literal["cluster", "person"] = "person" if match[1].lower() == "p" else "cluster"
        table = "people WHERE ended_by IS NULL AND" if kind == "person" else "clusters WHERE"
        if not gallery.db.value(f"SELECT 1 FROM {table} id = ?", (int(match[2]),)):
            raise InputError(f"there is no {kind} {kind[0]}{int(match[2])}", "facelib people lists the ids")
        return Target(kind, int(match[2]))
    wanted = naming.fold(naming.clean(text))
    folded = dict(gallery.db.execute("SELECT folded, id FROM people WHERE folded IS NOT NULL AND ended_by IS NULL ORDER BY id").fetchall())
    if wanted in folded:
        return Target("person", folded[wanted])
    alike = [key for key in folded if naming.without_qualifier(key) == wanted]
    if len(alike) == 1:
        return Target("person", folded[alike[0]])
    if alike:
        which = ", ".join(_shown(gallery, folded[key]) for key in alike)
        raise InputError(f"'{text}' may be any of {len(alike)} people", f"say which: {which}")
    close = difflib.get_close_matches(wanted, folded, n=3)
    known = f"did you mean {' or '.join(_shown(gallery, folded[key]) for key in close)}?" if close else "facelib people lists the names"
    raise InputError(f"nobody is called '{text}'", known)


def _shown(gallery: Gallery, person_id: int) -> str:
    return f"'{gallery.db.value('SELECT name FROM people WHERE id = ?', (person_id,))}' (p{person_id})"


def name_cluster(gallery: Gallery, cluster_id: int, name: str) -> Person:
    """Make the person of that name, who may be new, the owner of a cluster: every member gets an 'is' verdict.

    Members with a verdict for somebody else, or against this person, keep it. The cluster is taken from the named person that owned
    it; if an unnamed person (merged clusters) owned it, all clusters of that person are named.

    Raises
    ------
    InputError
        If there is no such cluster, or ``name`` is not a valid name.
    """
    row = gallery.db.execute("SELECT person_id FROM clusters WHERE id = ?", (cluster_id,)).fetchone()
    if row is None:
        raise InputError(f"there is no cluster c{cluster_id}", "facelib people lists the ids")
    cleaned, owner = naming.clean(name), row[0]
    present = find(gallery, cleaned)
    unnamed = owner is not None and gallery.db.value("SELECT name FROM people WHERE id = ?", (owner,)) is None
    if unnamed and present is None:
        return name_person(gallery, owner, cleaned)
    with gallery.atomic():
        detail = {"cluster": cluster_id, "name": cleaned, "owner": owner, "new": present is None}
        change = changes.log(gallery, "name", detail)
        person = present.id if present else add(gallery, cleaned, change)
        changed, answers = {cluster_id}, {}
        if unnamed and owner != person:
            more, answers[owner] = ownership.merge_person(gallery, owner, person, change)
            changed |= more
        ownership.confirm_members(gallery, cluster_id, person, owner, "name", change)
        left = ownership.update_owners(gallery, changed)
        changes.add_detail(gallery, change, person=person, left=left, answers=answers)
        return people(gallery)[person]


def name_person(gallery: Gallery, person_id: int, name: str) -> Person:
    """Name or rename a person.

    Raises
    ------
    InputError
        If there is no such person, ``name`` is not a valid name, or another person has it.
    """
    cleaned = naming.clean(name)
    row = gallery.db.execute("SELECT name FROM people WHERE id = ? AND ended_by IS NULL", (person_id,)).fetchone()
    if row is None:
        raise InputError(f"there is no person p{person_id}", "facelib people lists the ids")
    present = find(gallery, cleaned)
    if present is not None and present.id != person_id:
        raise InputError(
            f"'{present.name}' is the name of p{present.id} already",
            f"add what tells them apart in brackets, as in '{cleaned} (school)', or merge them: facelib merge p{present.id} p{person_id}",
        )
    with gallery.atomic():
        changes.log(gallery, "rename", {"person": person_id, "from": row[0], "to": cleaned})
        gallery.db.execute("UPDATE people SET name = ?, folded = ? WHERE id = ?", (cleaned, naming.fold(cleaned), person_id))
        return people(gallery)[person_id]


_FIGURES = """
SELECT {key}, count(DISTINCT o.photo_id), sum(o.face_x0 IS NOT NULL), count(*), min(p.seconds), max(p.seconds)
FROM {source} s JOIN observations o ON o.id = s.observation_id JOIN photos p ON p.id = o.photo_id
WHERE {key} IS NOT NULL {only} GROUP BY {key}
"""


def people_rows(gallery: Gallery, all: bool = False, min_size: int = 3) -> list[PeopleRow]:
    """People by their number of photos, then clusters without a person by size.

    Parameters
    ----------
    all : bool
        Include hidden people, and clusters that do not count as people. Named people who are not hidden are always included.
    min_size : int
        The smallest number of faces with which a cluster without a person counts as one.
    """
    figures = {row[0]: row[1:] for row in gallery.db.execute(_FIGURES.format(key="s.person_id", source="answers", only=""))}
    owned: dict[int, list[int]] = {}
    for cluster, owner in clusters.owners(gallery).items():
        owned.setdefault(owner, []).append(cluster)
    rows = []
    for person in people(gallery).values():
        photos, faces, seen, first, last = figures.get(person.id, (0, 0, 0, None, None))
        if (person.hidden and not all) or (person.name is None and not seen):
            continue
        dates = _date(gallery, first), _date(gallery, last)
        rows.append(PeopleRow(person.id, person.name, tuple(owned.get(person.id, ())), photos, faces, seen, *dates, person.hidden))
    rows.sort(key=lambda row: (row.name is None, -row.photos, naming.fold(row.name or ""), row.person_id))
    return rows + _unnamed(gallery, all, min_size)


def _unnamed(gallery: Gallery, all: bool, min_size: int) -> list[PeopleRow]:
    only = "AND s.cluster_id IN (SELECT id FROM clusters WHERE person_id IS NULL)"
    figures = gallery.db.execute(_FIGURES.format(key="s.cluster_id", source="memberships", only=only)).fetchall()
    figures.sort(key=lambda row: (-row[2], row[0]))
    stored = unlisted.unlisted(gallery)
    rows = []
    for key, photos, faces, seen, first, last in figures:
        reason = unlisted.reason_of(key, faces, min_size, stored)
        if faces >= 1 and (all or not reason):
            dates = _date(gallery, first), _date(gallery, last)
            rows.append(PeopleRow(None, None, (key,), photos, faces, seen, *dates, False, reason))
    return rows


def _date(gallery: Gallery, seconds: float | None) -> str | None:
    if seconds is None:
        return None
    taken_at: str | None = gallery.db.value("SELECT min(taken_at) FROM photos WHERE seconds = ?", (seconds,))
    return taken_at


def members(gallery: Gallery, targets: Iterable[Target]) -> list[int]:
    """Ids of the observations of these people and clusters, ascending."""
    targets = list(targets)
    of_people, of_clusters = (id_list(t.id for t in targets if t.kind == kind) for kind in ("person", "cluster"))
    rows = gallery.db.execute(
        "SELECT observation_id FROM answers WHERE person_id IN (SELECT value FROM json_each(?))"
        " UNION SELECT observation_id FROM memberships WHERE cluster_id IN (SELECT value FROM json_each(?)) ORDER BY 1",
        (of_people, of_clusters),
    )
    return [row[0] for row in rows.fetchall()]
