"""Observations as the review page and the contact sheet show them: photo, box, person and how certain that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from facelib.records import STANDINGS, UNKNOWN, Box
from facelib.store.connection import NO_LIMIT, id_list
from facelib.store.gallery import Gallery
from facelib.store.people import Target


@dataclass(frozen=True)
class ObservationSummary:
    """One observation, its photo and its answer.

    Attributes
    ----------
    sha256 : str
        Content of the photo, 64 hexadecimal digits.
    box : Box
        Of the face; of the upper body if there is no face.
    taken_at : str or None
        By the camera's clock, ISO 8601.
    standing : str
        ``"certain"``, ``"likely"`` or ``"unknown"``: how certain it is that this is ``person_id``.
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


def of_target(gallery: Gallery, target: Target, order: Order = "date", offset: int = 0, limit: int = NO_LIMIT) -> list[ObservationSummary]:
    """The observations of a person or cluster.

    Parameters
    ----------
    order : str
        ``"date"``: by the time of capture, undated photos last. ``"doubt"``: the least certain first, verdicts of the user last.
    limit : int
        The largest number of observations; NO_LIMIT for all.
    """
    rows = gallery.db.execute(
        f"SELECT {_COLUMNS} FROM {_OF[target.kind]} {_JOINED} ORDER BY {_ORDERS[order]} LIMIT ?2 OFFSET ?3", (target.id, limit, offset)
    )
    return [_summary(row) for row in rows.fetchall()]


def of_photo(gallery: Gallery, photo_id: int) -> list[ObservationSummary]:
    """The observations of a photo, from left to right."""
    rows = gallery.db.execute(f"SELECT {_COLUMNS} FROM observations o {_JOINED} WHERE o.photo_id = ? ORDER BY 4, o.id", (photo_id,))
    return [_summary(row) for row in rows.fetchall()]


def by_ids(gallery: Gallery, ids: Iterable[int]) -> list[ObservationSummary]:
    """These observations, as far as they exist, by id."""
    sql = f"SELECT {_COLUMNS} FROM observations o {_JOINED} WHERE o.id IN (SELECT value FROM json_each(?)) ORDER BY o.id"
    return [_summary(row) for row in gallery.db.execute(sql, (id_list(ids),)).fetchall()]


def _summary(row: Sequence[Any]) -> ObservationSummary:
    key, photo_id, sha256, x0, y0, x1, y1, has_face, reliability, taken_at, cluster, person, standing, source = row
    judged = source == "user"
    return ObservationSummary(
        key,
        photo_id,
        sha256.hex(),
        (x0, y0, x1, y1),
        bool(has_face),
        reliability,
        taken_at,
        cluster,
        person,
        standing or STANDINGS[UNKNOWN],
        judged,
    )


_BEST = """
SELECT owner, id FROM (
    SELECT {key} AS owner, o.id, row_number() OVER (PARTITION BY {key} ORDER BY o.face_x0 IS NULL, o.reliability DESC, o.id) AS rank
    FROM {source} t JOIN observations o ON o.id = t.observation_id WHERE {key} IN (SELECT value FROM json_each(?1))
) WHERE rank <= ?2 ORDER BY owner, rank
"""


def best_of(gallery: Gallery, targets: Iterable[Target], limit: int) -> dict[Target, list[int]]:
    """Ids of the best observations of each person or cluster, the most reliable faces first, at most ``limit`` of each."""
    targets = list(targets)
    best: dict[Target, list[int]] = {target: [] for target in targets}
    kinds: tuple[tuple[Literal["person", "cluster"], str, str], ...] = (
        ("person", "t.person_id", "answers"),
        ("cluster", "t.cluster_id", "memberships"),
    )
    for kind, key, source in kinds:
        ids = id_list(target.id for target in targets if target.kind == kind)
        for owner, observation in gallery.db.execute(_BEST.format(key=key, source=source), (ids, limit)).fetchall():
            best[Target(kind, owner)].append(observation)
    return best


def photos_of(gallery: Gallery, targets: Iterable[Target]) -> dict[Target, set[int]]:
    """Ids of the photos of each person or cluster."""
    return {
        target: {row[0] for row in gallery.db.execute(f"SELECT DISTINCT o.photo_id FROM {_OF[target.kind]}", (target.id,)).fetchall()}
        for target in targets
    }

