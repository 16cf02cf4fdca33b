"""Observations: the people seen in a photo. Their ids stay the same when another detector sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facelib.geometry import iou, match_boxes
from facelib.records import STANDINGS, UNKNOWN, Body, Box, Face, Sighting
from facelib.store import changes, vectors, verdicts
from facelib.store.connection import damaged, id_list, now
from facelib.store.gallery import Gallery
from facelib.store.verdicts import BOX_COLUMNS, MIN_OVERLAP

_BATCH = 8192
_TABLES = {"face": "face_embeddings", "body": "body_embeddings"}
_NO_BOX = (np.nan,) * 4


@dataclass(frozen=True, eq=False)
class ObservationRow:
    """One person seen once in one photo, and the answer who that is.

    Attributes
    ----------
    source : str
        Who found the observation: ``"auto"`` (a detector) or ``"user"`` (drawn or imported).
    cluster, person_id : int or None
    standing : str
        ``"certain"``, ``"likely"`` or ``"unknown"``.
    assigned : str or None
        Who assigned the person: ``"user"`` (a verdict), ``"auto"`` (the program), None without a person.
    share : float or None
        The person's share of the sparse code, 0..1.
    """

    id: int
    photo_id: int
    face: Face | None
    body: Body | None
    source: str
    cluster: int | None = None
    person_id: int | None = None
    standing: str = STANDINGS[UNKNOWN]
    assigned: str | None = None
    share: float | None = None


_GEOMETRY = "face_x0, face_y0, face_x1, face_y1, face_score, landmarks, reliability, body_x0, body_y0, body_x1, body_y1, body_score"
_INSERT = f"INSERT INTO observations ({_GEOMETRY}, photo_id, source) VALUES ({', '.join('?' * 14)})"
_UPDATE = f"UPDATE observations SET ({_GEOMETRY}) = ({', '.join('?' * 12)}) WHERE id = ?"


def _values(face: Face | None, body: Body | None) -> tuple[Any, ...]:
    of_face: tuple[Any, ...] = (None,) * 6 + (0.0,)
    of_body: tuple[Any, ...] = (None,) * 5
    if face is not None:
        landmarks = np.ascontiguousarray(face.landmarks, dtype="<f4").reshape(5, 2).tobytes()
        of_face = (*map(float, face.box), float(face.score), landmarks, float(face.reliability))
    if body is not None:
        of_body = (*map(float, body.box), float(body.score))
    return of_face + of_body


def _face(row: Sequence[Any]) -> Face | None:
    if row[0] is None:
        return None
    points = row[5] if row[5] is not None else b"\0" * 40
    return Face(tuple(row[:4]), row[4] or 0.0, np.frombuffer(points, dtype="<f4").astype(np.float32).reshape(5, 2), row[6])


def _body(row: Sequence[Any]) -> Body | None:
    return None if row[7] is None else Body(tuple(row[7:11]), row[11] or 0.0)


def replace_observations(gallery: Gallery, photo_id: int, sightings: Sequence[Sighting]) -> list[int]:
    """Replace the observations of a photo.

    A sighting that overlaps an old observation (face with face, else body with body) gets its id, and its cluster and answer until
    the next clustering, but not its embeddings. Observations that the user drew stay. Verdicts are attached again.

    Returns
    -------
    list of int
        The ids of the observations, in the order of ``sightings``.
    """
    with gallery.atomic():
        old = gallery.db.execute(f"SELECT id, source, {_GEOMETRY} FROM observations WHERE photo_id = ? ORDER BY id", (photo_id,)).fetchall()
        match = _match(sightings, [row[2:] for row in old])
        ids: list[int] = []
        for n, sighting in enumerate(sightings):
            values = _values(sighting.face, sighting.body)
            if n in match:
                ids.append(old[match[n]][0])
                gallery.db.execute(_UPDATE, (*values, ids[-1]))
            else:
                ids.append(int(gallery.db.execute(_INSERT, (*values, photo_id, "auto")).lastrowid or 0))
        if old:
            matched = set(match.values())
            gone = [(row[0],) for k, row in enumerate(old) if k not in matched and row[1] == "auto"]
            gallery.db.executemany("DELETE FROM observations WHERE id = ?", gone)
            for table in _TABLES.values():
                gallery.db.executemany(f"DELETE FROM {table} WHERE observation_id = ?", ((old[k][0],) for k in matched))
        _restore_drawn(gallery, photo_id)
        judged = "SELECT 1 FROM verdicts WHERE ended_by IS NULL AND sha256 = (SELECT sha256 FROM photos WHERE id = ?)"
        if old or gallery.db.value(judged, (photo_id,)):
            verdicts.attach(gallery, [photo_id])
        return ids


def _match(sightings: Sequence[Sighting], old: Sequence[tuple[Any, ...]]) -> dict[int, int]:
    """The old observation of each sighting, by positions; sightings without one are left out."""
    if not sightings or not old:
        return {}
    new_faces = np.array([s.face.box if s.face else _NO_BOX for s in sightings])
    new_bodies = np.array([s.body.box if s.body else _NO_BOX for s in sightings])
    old_faces = np.array([row[:4] for row in old], dtype=np.float64)
    old_bodies = np.array([row[7:11] for row in old], dtype=np.float64)
    pairs = dict(match_boxes(np.nan_to_num(iou(new_faces, old_faces)), MIN_OVERLAP))
    by_body = np.nan_to_num(iou(new_bodies, old_bodies))
    # Two faces that do not overlap are two people, even if their bodies overlap.
    by_body[np.isfinite(new_faces[:, :1]) & np.isfinite(old_faces[:, 0])] = 0
    by_body[list(pairs)] = 0
    by_body[:, list(pairs.values())] = 0
    return pairs | dict(match_boxes(by_body, MIN_OVERLAP))


def draw(gallery: Gallery, photo_id: int, part: str, box: Box, change: int | None = None) -> int:
    """Add a person that the detectors did not find, by a box that the user drew or another program exported.

    Parameters
    ----------
    part : str
        ``"face"`` or ``"body"``: what the box shows.

    Returns
    -------
    int
        Id of the observation; that of an existing one if the box overlaps it enough.
    """
    with gallery.atomic():
        if change is None:
            change = changes.log(gallery, "draw", {"photo": photo_id, "part": part, "box": [float(x) for x in box]})
        gallery.db.execute(
            f"INSERT INTO drawn (sha256, {BOX_COLUMNS}, at, made_by) SELECT sha256, ?, ?, ?, ?, ?, ?, ? FROM photos WHERE id = ?",
            (part, *map(float, box), now(), change, photo_id),
        )
        _restore_drawn(gallery, photo_id)
        columns = ", ".join(f"{part}_{end}" for end in ("x0", "y0", "x1", "y1"))
        rows = gallery.db.execute(
            f"SELECT id, {columns} FROM observations WHERE photo_id = ? AND {part}_x0 IS NOT NULL ORDER BY id", (photo_id,)
        ).fetchall()
        overlaps = iou(np.array([box]), np.array([row[1:] for row in rows], dtype=np.float64))
        return int(rows[int(overlaps[0].argmax())][0])


def _restore_drawn(gallery: Gallery, photo_id: int) -> None:
    """Make an observation of each drawn box of a photo that overlaps no observation."""
    boxes = gallery.db.execute(
        "SELECT part, x0, y0, x1, y1 FROM drawn WHERE ended_by IS NULL AND sha256 = (SELECT sha256 FROM photos WHERE id = ?) ORDER BY id",
        (photo_id,),
    ).fetchall()
    for part, *box in boxes:
        columns = ", ".join(f"{part}_{end}" for end in ("x0", "y0", "x1", "y1"))
        present = gallery.db.execute(
            f"SELECT {columns} FROM observations WHERE photo_id = ? AND {part}_x0 IS NOT NULL", (photo_id,)
        ).fetchall()
        if not present or iou(np.array([box]), np.array(present)).max() < MIN_OVERLAP:
            gallery.db.execute(
                f"INSERT INTO observations (photo_id, source, {columns}, {part}_score) VALUES (?, 'user', ?, ?, ?, ?, 1)", (photo_id, *box)
            )


def put_embeddings(gallery: Gallery, kind: str, model: str, ids: Sequence[int] | np.ndarray, rows: np.ndarray) -> None:
    """Store the embeddings of observations; they replace those of any model before.

    Parameters
    ----------
    kind : str
        ``"face"`` or ``"body"``.
    model : str
        Digest of the model card.
    rows : ndarray of shape (n, d), float32, rows of unit length
    """
    if len(ids) == 0:
        return
    blobs = vectors.encode(rows)
    with gallery.atomic():
        gallery.db.executemany(
            f"INSERT INTO {_TABLES[kind]} (observation_id, model, vector) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET model = excluded.model, vector = excluded.vector",
            ((int(key), model, blob) for key, blob in zip(ids, blobs, strict=True)),
        )


def embeddings(gallery: Gallery, kind: str, model: str, ids: Iterable[int] | np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The embeddings of one model: of all observations, or of those of ``ids`` that have one.

    Parameters
    ----------
    kind : str
        ``"face"`` or ``"body"``.
    model : str
        Digest of the model card.

    Returns
    -------
    ids : ndarray of shape (n,), int64, ascending
    vectors : ndarray of shape (n, d), float32, rows of unit length; (0, 0) if there is none
    """
    where, parameters = f"FROM {_TABLES[kind]} WHERE model = ?", [model]
    if ids is not None:
        where += " AND observation_id IN (SELECT value FROM json_each(?))"
        parameters.append(id_list(ids))
    # A single statement, because a writer may add rows between two.
    rows = gallery.db.execute(f"SELECT observation_id, vector {where} ORDER BY observation_id", parameters)
    keys: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    while batch := rows.fetchmany(_BATCH):
        batch_ids, blobs = zip(*batch, strict=True)
        try:
            parts.append(vectors.decode(blobs, len(blobs[0]) // 2 if not parts else parts[0].shape[1]))
        except ValueError as error:
            raise damaged(gallery.path, str(error)) from error
        keys.append(np.array(batch_ids, dtype=np.int64))
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
    return np.concatenate(keys), np.concatenate(parts)


def of_photo(gallery: Gallery, photo_id: int) -> list[ObservationRow]:
    """The observations of a photo, in the order of their ids."""
    return of_photos(gallery, [photo_id]).get(photo_id, [])


def of_photos(gallery: Gallery, photo_ids: Iterable[int]) -> dict[int, list[ObservationRow]]:
    """The observations of photos, by photo; photos without any are left out."""
    rows = gallery.db.execute(
        f"SELECT o.id, o.photo_id, o.source, m.cluster_id, s.person_id, s.standing, s.source, s.share, {_GEOMETRY} FROM observations o"
        " LEFT JOIN memberships m ON m.observation_id = o.id LEFT JOIN answers s ON s.observation_id = o.id"
        " WHERE o.photo_id IN (SELECT value FROM json_each(?)) ORDER BY o.id",
        (id_list(photo_ids),),
    )
    by_photo: dict[int, list[ObservationRow]] = {}
    while batch := rows.fetchmany(_BATCH):
        for key, photo_id, source, cluster, person, standing, via, share, *geometry in batch:
            assigned = None if person is None else "user" if via == "user" else "auto"
            row = ObservationRow(
                key, photo_id, _face(geometry), _body(geometry), source, cluster, person, standing or STANDINGS[UNKNOWN], assigned, share
            )
            by_photo.setdefault(photo_id, []).append(row)
    return by_photo


def sightings_of(gallery: Gallery, photo_id: int) -> tuple[list[int], list[Sighting]]:
    """The observations of a photo, to be embedded without another detection: ids, and sightings without embeddings."""
    rows = of_photo(gallery, photo_id)
    return [row.id for row in rows], [Sighting(row.face, row.body) for row in rows]
