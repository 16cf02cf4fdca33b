"""Observations as something to look at: which photo, which box, how sure. For the review page and the contact sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from facelib.records import Box
from facelib.store.connection import id_list
from facelib.store.gallery import Gallery
from facelib.store.people import PeopleRow, Target


@dataclass(frozen=True)
class Portrait:
    """One observation and where its picture is.

    Attributes
    ----------
    box : Box
        Of the face; of the upper body where no face is seen.
    taken_at : str or None
        As the camera wrote it, ISO 8601.
    standing : str
        ``"certain"``, ``"likely"`` or ``"unknown"``: how sure it is that this is ``person_id``.
    judged : bool
        Whether a verdict of the user says so.
    """

    id: int
    photo_id: int
    sha256: str
    box: Box
    has_face: bool
    reliability: float
    taken_at: str | None
    cluster: int | None
    person_id: int | None
    standing: str
    judged: bool


def target_of(row: PeopleRow) -> Target:
    """How a row of people is named: a person, else its only cluster."""
    return Target("cluster", row.clusters[0]) if row.person_id is None else Target("person", row.person_id)


Order = Literal["date", "doubt"]

_ORDERS: dict[str, str] = {
    "date": "p.seconds IS NULL, p.seconds, o.id",
    "doubt": "coalesce(s.source, '') = 'user', coalesce(s.standing, '') = 'certain', coalesce(s.share, 0), o.reliability, o.id",
}
_OF = {
    "person": "answers t JOIN observations o ON o.id = t.observation_id AND t.person_id = ?1",
    "cluster": "memberships t JOIN observations o ON o.id = t.observation_id AND t.cluster_id = ?1",
}
_COLUMNS = """
o.id, o.photo_id, p.sha256, coalesce(o.face_x0, o.body_x0), coalesce(o.face_y0, o.body_y0), coalesce(o.face_x1, o.body_x1),
coalesce(o.face_y1, o.body_y1), o.face_x0 IS NOT NULL, o.reliability, p.taken_at, m.cluster_id, s.person_id, s.standing, s.source
"""
_JOINED = (
    "JOIN photos p ON p.id = o.photo_id LEFT JOIN memberships m ON m.observation_id = o.id LEFT JOIN answers s ON s.observation_id = o.id"
)


def of_target(gallery: Gallery, target: Target, order: Order = "date", offset: int = 0, limit: int = -1) -> list[Portrait]:
    """Who is held to be this person, or is in this cluster.

    Parameters
    ----------
    order : str
        ``"date"``: as the photos were taken, undated ones last. ``"doubt"``: the least sure first, what the user said last.
    limit : int
        At most so many; -1 for all.
    """
    rows = gallery.db.execute(
        f"SELECT {_COLUMNS} FROM {_OF[target.kind]} {_JOINED} ORDER BY {_ORDERS[order]} LIMIT ?2 OFFSET ?3", (target.id, limit, offset)
    )
    return [_portrait(row) for row in rows.fetchall()]


def of_photo(gallery: Gallery, photo_id: int) -> list[Portrait]:
    """Everybody seen in a photo, from left to right."""
    rows = gallery.db.execute(f"SELECT {_COLUMNS} FROM observations o {_JOINED} WHERE o.photo_id = ? ORDER BY 4, o.id", (photo_id,))
    return [_portrait(row) for row in rows.fetchall()]


def by_ids(gallery: Gallery, ids: Iterable[int]) -> list[Portrait]:
    """These observations, those that exist, in the order of their ids."""
    sql = f"SELECT {_COLUMNS} FROM observations o {_JOINED} WHERE o.id IN (SELECT value FROM json_each(?)) ORDER BY o.id"
    return [_portrait(row) for row in gallery.db.execute(sql, (id_list(ids),)).fetchall()]


def _portrait(row: Sequence[Any]) -> Portrait:
    key, photo_id, sha256, x0, y0, x1, y1, has_face, reliability, taken_at, cluster, person, standing, source = row
    judged = source == "user"
    return Portrait(
        key, photo_id, sha256.hex(), (x0, y0, x1, y1), bool(has_face), reliability, taken_at, cluster, person, standing or "unknown", judged
    )


_COVERS = """
SELECT owner, id FROM (
    SELECT {key} AS owner, o.id, row_number() OVER (PARTITION BY {key} ORDER BY o.face_x0 IS NULL, o.reliability DESC, o.id) AS place
    FROM {source} t JOIN observations o ON o.id = t.observation_id WHERE {key} IN (SELECT value FROM json_each(?1))
) WHERE place <= ?2 ORDER BY owner, place
"""


def covers(gallery: Gallery, targets: Iterable[Target], limit: int) -> dict[Target, list[int]]:
    """The observations that show each of these best, the most reliable faces first, at most ``limit`` of each."""
    targets = list(targets)
    found: dict[Target, list[int]] = {target: [] for target in targets}
    kinds: tuple[tuple[Literal["person", "cluster"], str, str], ...] = (
        ("person", "t.person_id", "answers"),
        ("cluster", "t.cluster_id", "memberships"),
    )
    for kind, key, source in kinds:
        ids = id_list(target.id for target in targets if target.kind == kind)
        for owner, observation in gallery.db.execute(_COVERS.format(key=key, source=source), (ids, limit)).fetchall():
            found[Target(kind, owner)].append(observation)
    return found


def photos_of(gallery: Gallery, targets: Iterable[Target]) -> dict[Target, set[int]]:
    """The photos each of these is seen in."""
    return {
        target: {row[0] for row in gallery.db.execute(f"SELECT DISTINCT o.photo_id FROM {_OF[target.kind]}", (target.id,)).fetchall()}
        for target in targets
    }

