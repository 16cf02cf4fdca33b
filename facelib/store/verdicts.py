"""Verdicts: what users said about single observations. After every run each is attached again to the observation it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facelib.geometry import iou, match_boxes
from facelib.store.connection import IN_LIST, id_list, now
from facelib.store.gallery import Gallery

MIN_OVERLAP = 0.5
"""Intersection over union from which two boxes show the same face or body."""

BOX_COLUMNS = "part, x0, y0, x1, y1"
"""Columns of the tables verdicts and drawn: what a box shows, and where it is."""
COLUMNS = f"sha256, {BOX_COLUMNS}, person_id, says, how, at, made_by"
"""Columns of a new verdict. The id is given by SQLite, and ``ended_by`` is empty as long as the verdict is in force."""
OBSERVATION_BOX = """iif(o.face_x0 IS NULL, 'body', 'face'), coalesce(o.face_x0, o.body_x0), coalesce(o.face_y0, o.body_y0),
coalesce(o.face_x1, o.body_x1), coalesce(o.face_y1, o.body_y1)"""
"""Values for :data:`BOX_COLUMNS` of an observation ``o``: the box of its face, or of its body if it has no face."""

_CHUNK = 500


def put_verdicts(gallery: Gallery, observation_ids: Iterable[int], person_id: int, says: str, how: str, change: int) -> None:
    """Store what the user says of observations, as a part of ``change``; it is in force at once.

    Earlier verdicts on these observations that contradict the new ones end: another 'is', or the opposite about this person.
    An observation that has the same verdict already gets no second one. The owners of clusters follow by
    :func:`facelib.store.clusters.set_owners`.

    Parameters
    ----------
    says : str
        ``"is"`` or ``"not"``.
    how : str
        The command: ``"name"``, ``"confirm"``, ``"reject"``, ``"import"`` ...
    """
    ids = id_list(observation_ids)
    with gallery.atomic():
        contradicting = "person_id = ?2 AND says <> ?3" + (" OR person_id <> ?2 AND says = 'is'" if says == "is" else "")
        _end(
            gallery,
            change,
            f"id IN (SELECT verdict_id FROM attachments WHERE observation_id {IN_LIST}) AND ({contradicting})",
            (ids, person_id, says),
        )
        rows = gallery.db.execute(
            f"SELECT o.id, p.sha256, {OBSERVATION_BOX}"
            f" FROM observations o JOIN photos p ON p.id = o.photo_id WHERE o.id {IN_LIST} AND NOT EXISTS"
            " (SELECT 1 FROM attachments a CROSS JOIN verdicts v ON v.id = a.verdict_id"
            "  WHERE a.observation_id = o.id AND v.person_id = ?2 AND v.says = ?3 AND v.ended_by IS NULL) ORDER BY o.id",
            (ids, person_id, says),
        ).fetchall()
        last = gallery.db.value("SELECT seq FROM sqlite_sequence WHERE name = 'verdicts'") or 0
        at = now()
        gallery.db.executemany(
            f"INSERT INTO verdicts (id, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((last + k, *row[1:], person_id, says, how, at, change) for k, row in enumerate(rows, start=1)),
        )
        gallery.db.executemany(_ATTACH, ((last + k, row[0]) for k, row in enumerate(rows, start=1)))
        update_answers(gallery, ids)


def end_verdicts(gallery: Gallery, verdict_ids: Iterable[int], change: int) -> None:
    """End these verdicts because of ``change``. The rows stay, so that undo can bring the verdicts back."""
    with gallery.atomic():
        ids = id_list(verdict_ids)
        observations = [row[0] for row in gallery.db.execute(f"SELECT observation_id FROM attachments WHERE verdict_id {IN_LIST}", (ids,))]
        _end(gallery, change, f"id {IN_LIST}", (ids,))
        update_answers(gallery, id_list(observations))


def _end(gallery: Gallery, change: int, where: str, parameters: tuple[Any, ...]) -> None:
    rows = gallery.db.execute(f"SELECT id FROM verdicts WHERE ended_by IS NULL AND ({where})", parameters).fetchall()
    gallery.db.executemany("UPDATE verdicts SET ended_by = ? WHERE id = ?", ((change, row[0]) for row in rows))
    gallery.db.executemany("DELETE FROM attachments WHERE verdict_id = ?", rows)


def attach(gallery: Gallery, photo_ids: Iterable[int] | None = None) -> int:
    """Find the observation of each verdict, in these photos or in all, and update the answers of the observations.

    Within a photo the 'is' verdicts are matched one to one with observations, and so are the 'not' verdicts about each person. Pairs
    with the largest overlap are matched first, of equal overlaps the newest verdict; an overlap below :data:`MIN_OVERLAP` never matches.

    Returns
    -------
    int
        How many verdicts on these photos have an observation now.
    """
    with gallery.atomic():
        if photo_ids is None:
            gallery.db.execute("DELETE FROM attachments")
            gallery.db.execute("DELETE FROM answers WHERE source = 'user'")
            photo_ids = [
                row[0]
                for row in gallery.db.execute(
                    "SELECT DISTINCT p.id FROM verdicts v JOIN photos p ON p.sha256 = v.sha256 WHERE v.ended_by IS NULL ORDER BY p.id"
                )
            ]
        photo_ids = list(photo_ids)
        return sum(_attach_chunk(gallery, photo_ids[k : k + _CHUNK]) for k in range(0, len(photo_ids), _CHUNK))


_ATTACH = "INSERT INTO attachments (verdict_id, observation_id) VALUES (?, ?)"


def _attach_chunk(gallery: Gallery, photo_ids: Sequence[int]) -> int:
    listed = id_list(photo_ids)
    observations: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for photo_id, *row in gallery.db.execute(
        "SELECT photo_id, id, face_x0, face_y0, face_x1, face_y1, body_x0, body_y0, body_x1, body_y1"
        f" FROM observations WHERE photo_id {IN_LIST} ORDER BY id",
        (listed,),
    ):
        observations[photo_id].append(tuple(row))
    # Verdicts of one photo compete for its observations if they have the same rival: 0 for 'is', the person for 'not'.
    competing: dict[int, dict[int, list[tuple[Any, ...]]]] = defaultdict(lambda: defaultdict(list))
    for photo_id, rival, *row in gallery.db.execute(
        "SELECT p.id, iif(v.says = 'is', 0, v.person_id), v.id, v.part, v.x0, v.y0, v.x1, v.y1 FROM verdicts v"
        f" JOIN photos p ON p.sha256 = v.sha256 WHERE v.ended_by IS NULL AND p.id {IN_LIST} ORDER BY v.id DESC",
        (listed,),
    ):
        competing[photo_id][rival].append(tuple(row))
    pairs = [
        (verdicts[v][0], observations[photo_id][o][0])
        for photo_id, rivals in competing.items()
        for verdicts in rivals.values()
        for v, o in match_boxes(_overlaps(verdicts, observations[photo_id]), MIN_OVERLAP)
    ]
    ids = id_list(row[0] for rows in observations.values() for row in rows)
    gallery.db.execute(f"DELETE FROM attachments WHERE observation_id {IN_LIST}", (ids,))
    gallery.db.executemany(_ATTACH, pairs)
    update_answers(gallery, ids)
    return len(pairs)


def _overlaps(verdicts: list[tuple[Any, ...]], observations: list[tuple[Any, ...]]) -> np.ndarray:
    """Intersection over union of the boxes of verdicts with those of observations, shape (verdicts, observations), float64, 0..1.

    A verdict about a face is compared with faces, one about a body with bodies.
    """
    judged = np.array([row[2:6] for row in verdicts], dtype=np.float64).reshape(-1, 4)
    boxes = np.array([row[1:9] for row in observations], dtype=np.float64).reshape(-1, 2, 4)
    on_body = np.array([row[1] == "body" for row in verdicts], dtype=bool)[:, None]
    return np.nan_to_num(np.where(on_body, iou(judged, boxes[:, 1]), iou(judged, boxes[:, 0])))


def update_answers(gallery: Gallery, observation_ids: str) -> None:
    """Make the answers of observations agree with the verdicts attached to them.

    Parameters
    ----------
    observation_ids : str
        As :func:`facelib.store.connection.id_list` gives.
    """
    labelled = (
        "SELECT a.observation_id, v.person_id FROM attachments a CROSS JOIN verdicts v ON v.id = a.verdict_id WHERE v.ended_by IS NULL"
    )
    gallery.db.execute(f"DELETE FROM answers WHERE observation_id {IN_LIST} AND source = 'user'", (observation_ids,))
    gallery.db.execute(
        f"DELETE FROM answers WHERE observation_id {IN_LIST} AND EXISTS ({labelled} AND v.says = 'not'"
        " AND a.observation_id = answers.observation_id AND v.person_id = answers.person_id)",
        (observation_ids,),
    )
    gallery.db.execute(
        "INSERT INTO answers (observation_id, person_id, standing, source, photo_id)"
        f" SELECT o.id, l.person_id, 'certain', 'user', o.photo_id FROM ({labelled} AND v.says = 'is' AND a.observation_id {IN_LIST}) l"
        " JOIN observations o ON o.id = l.observation_id WHERE 1"
        " ON CONFLICT DO UPDATE SET person_id = excluded.person_id, standing = 'certain', share = NULL, source = 'user'",
        (observation_ids,),
    )


@dataclass(frozen=True)
class Verdict:
    """What the user said of an observation: ``"is"`` or ``"not"``, about which person, by which command, when (ISO 8601, UTC)."""

    says: str
    person_id: int
    how: str
    at: str


def verdicts_of(gallery: Gallery, observation_ids: Iterable[int]) -> dict[int, list[Verdict]]:
    """The verdicts in force on these observations, the newest last; observations without any are left out."""
    rows = gallery.db.execute(
        "SELECT a.observation_id, v.says, v.person_id, v.how, v.at FROM attachments a CROSS JOIN verdicts v ON v.id = a.verdict_id"
        f" WHERE a.observation_id {IN_LIST} AND v.ended_by IS NULL ORDER BY v.id",
        (id_list(observation_ids),),
    )
    verdicts: dict[int, list[Verdict]] = {}
    for observation, *verdict in rows.fetchall():
        verdicts.setdefault(observation, []).append(Verdict(*verdict))
    return verdicts


def labels(gallery: Gallery, says: str = "is", ids: Iterable[int] | np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The persons that verdicts name for all observations, or for some.

    Parameters
    ----------
    says : str
        ``"is"`` or ``"not"``: which verdicts.
    ids : iterable of int, optional
        Only these observations.

    Returns
    -------
    observation_ids, person_ids : ndarray of shape (n,), int64
        By observation. With ``"is"`` an observation has one row at most, with ``"not"`` it may have several.
    """
    only, parameters = ("", (says,)) if ids is None else ("a.observation_id IN (SELECT value FROM json_each(?2)) AND", (says, id_list(ids)))
    rows = gallery.db.execute(
        "SELECT a.observation_id, v.person_id FROM attachments a CROSS JOIN verdicts v ON v.id = a.verdict_id"
        f" WHERE {only} v.says = ?1 AND v.ended_by IS NULL ORDER BY 1, 2",
        parameters,
    ).fetchall()
    pairs = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()
