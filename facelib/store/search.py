"""Search: the photos that show certain people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from facelib.store.connection import id_list
from facelib.store.gallery import Gallery
from facelib.store.people import Target
from facelib.store.photos import BATCH, path_text, under


@dataclass(frozen=True)
class Query:
    """The conditions that a photo must meet.

    Attributes
    ----------
    people : sequence of Target
        The photo shows all of them, or one of them with ``any``.
    without : sequence of Target
        The photo shows none of them, not even likely.
    only : bool
        The photo shows nobody else, not even unknown people.
    since, until : str or None
        First and last day, month or year by the camera's clock, as ``2024-07-01``, ``2024-07`` or ``2024``.
    folders : sequence of str or None
        Absolute paths; a file of the photo is in or below one of them.
    certain : bool
        People who are only likely do not count.
    """

    people: Sequence[Target]
    any: bool = False
    without: Sequence[Target] = ()
    only: bool = False
    since: str | None = None
    until: str | None = None
    folders: Sequence[str] | None = None
    certain: bool = False


@dataclass(frozen=True)
class FoundPhoto:
    """A photo that meets a query; ``path`` is the first of its present files, in the folders of the query if it has any."""

    photo_id: int
    sha256: str
    path: str
    taken_at: str | None


@dataclass(frozen=True)
class Companion:
    """A person seen together with others, and the number of photos."""

    person_id: int
    name: str | None
    photos: int


def find(gallery: Gallery, query: Query) -> Iterator[FoundPhoto]:
    """The photos that meet a query, by time of capture, then path; those without a time come last.

    Photos without a present file are left out.
    """
    source, parameters = _photos(gallery, query)
    folders, paths = under("f.path", query.folders)
    rows = gallery.db.execute(
        f"SELECT p.id, p.sha256, (SELECT min(f.path) FROM files f WHERE f.photo_id = p.id AND f.missing = 0 AND {folders}) AS path,"
        f" p.taken_at {source} AND path IS NOT NULL ORDER BY p.seconds IS NULL, p.seconds, path",
        [*paths, *parameters],
    )
    while batch := rows.fetchmany(BATCH):
        for photo_id, sha256, path, taken_at in batch:
            yield FoundPhoto(photo_id, sha256.hex(), path_text(path), taken_at)


def count(gallery: Gallery, query: Query) -> int:
    """The number of photos that :func:`find` yields."""
    source, parameters = _photos(gallery, query)
    folders, paths = under("f.path", query.folders)
    present = f"EXISTS (SELECT 1 FROM files f WHERE f.photo_id = p.id AND f.missing = 0 AND {folders})"
    return int(gallery.db.value(f"SELECT count(*) {source} AND {present}", [*parameters, *paths]))


def people_on(gallery: Gallery, photo_ids: Sequence[int]) -> dict[int, list[tuple[int, str | None, str]]]:
    """Id, name and standing of the people on photos, by photo."""
    rows = gallery.db.execute(
        "SELECT DISTINCT o.photo_id, a.person_id, n.name, a.standing FROM observations o JOIN answers a ON a.observation_id = o.id"
        " JOIN people n ON n.id = a.person_id WHERE o.photo_id IN (SELECT value FROM json_each(?)) ORDER BY o.id",
        (id_list(photo_ids),),
    )
    people: dict[int, list[tuple[int, str | None, str]]] = {}
    for photo_id, person, name, standing in rows.fetchall():
        people.setdefault(photo_id, []).append((person, name, standing))
    return people


def companions(gallery: Gallery, targets: Sequence[Target]) -> list[Companion]:
    """The people seen on photos that show all of these, the most frequent first. Hidden people are left out."""
    source, parameters = _photos(gallery, Query(targets))
    ids = [row[0] for row in gallery.db.execute(f"SELECT p.id {source}", parameters)]
    asked = [target.id for target in targets if target.kind == "person"]
    rows = gallery.db.execute(
        "SELECT a.person_id, n.name, count(DISTINCT o.photo_id) FROM observations o JOIN answers a ON a.observation_id = o.id"
        " JOIN people n ON n.id = a.person_id WHERE o.photo_id IN (SELECT value FROM json_each(?1)) AND n.hidden = 0"
        " AND a.person_id NOT IN (SELECT value FROM json_each(?2)) GROUP BY 1 ORDER BY 3 DESC, n.folded IS NULL, n.folded, 1",
        (id_list(ids), id_list(asked)),
    )
    return [Companion(*row) for row in rows.fetchall()]


def _photos(gallery: Gallery, query: Query) -> tuple[str, list[Any]]:
    """FROM and WHERE of an SQL query over photos ``p``, and its parameters.

    The query reads all photos of the rarest person and looks up the others in an index, so its time depends on the rarest person.
    """
    wanted = sorted(query.people, key=lambda target: _frequency(gallery, target))
    leading = wanted if query.any else wanted[:1]
    source, photo = "FROM photos p WHERE 1", "p.id"
    parameters: list[Any] = []
    if leading:
        parts = [_photos_of(target, query.certain) for target in leading]
        # SQLite tests conditions on s before it reads the row of the photo.
        source, photo = f"FROM ({' UNION '.join(sql for sql, _ in parts)}) s CROSS JOIN photos p ON p.id = s.photo_id WHERE 1", "s.photo_id"
        parameters += [number for _, number in parts]
    for target in [] if query.any else wanted[1:]:
        source += f" AND EXISTS ({_shows(target, photo, query.certain)})"
        parameters.append(target.id)
    for target in query.without:
        source += f" AND NOT EXISTS ({_shows(target, photo, False)})"
        parameters.append(target.id)
    if query.only:
        of_people, of_clusters = (id_list(t.id for t in query.people if t.kind == kind) for kind in ("person", "cluster"))
        source += (
            f" AND NOT EXISTS (SELECT 1 FROM observations o WHERE o.photo_id = {photo}"
            " AND NOT EXISTS (SELECT 1 FROM answers t WHERE t.observation_id = o.id AND t.person_id IN (SELECT value FROM json_each(?)))"
            " AND NOT EXISTS (SELECT 1 FROM memberships t WHERE t.observation_id = o.id"
            "  AND t.cluster_id IN (SELECT value FROM json_each(?))))"
        )
        parameters += [of_people, of_clusters]
    for word, date in ((">=", query.since), ("<=", query.until)):
        if date is not None:
            source += f" AND substr(p.taken_at, 1, {len(date)}) {word} ?"
            parameters.append(date)
    return source, parameters


def _frequency(gallery: Gallery, target: Target) -> int:
    if target.kind == "cluster":
        return int(gallery.db.value("SELECT count(*) FROM memberships WHERE cluster_id = ?", (target.id,)))
    return int(gallery.db.value("SELECT count(*) FROM answers WHERE person_id = ?", (target.id,)))


def _standing(certain: bool) -> str:
    return "= 'certain'" if certain else "IN ('certain', 'likely')"


def _photos_of(target: Target, certain: bool) -> tuple[str, int]:
    """A query for the photos of a person or cluster, and its parameter."""
    if target.kind == "cluster":
        sql = "SELECT DISTINCT o.photo_id FROM memberships m JOIN observations o ON o.id = m.observation_id WHERE m.cluster_id = ?"
    else:
        sql = f"SELECT DISTINCT photo_id FROM answers WHERE person_id = ? AND standing {_standing(certain)}"
    return sql, target.id


def _shows(target: Target, photo: str, certain: bool) -> str:
    """A query with one parameter that has a row if the photo, an SQL expression, shows a person or cluster."""
    if target.kind == "cluster":
        return f"SELECT 1 FROM observations o JOIN memberships m ON m.observation_id = o.id WHERE o.photo_id = {photo} AND m.cluster_id = ?"
    return f"SELECT 1 FROM answers t WHERE t.photo_id = {photo} AND t.person_id = ? AND t.standing {_standing(certain)}"
