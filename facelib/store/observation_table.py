"""The observations of the library as columns: the input of whole-library stages."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from facelib.records import NO_CLUSTER, NO_GROUP, NO_PERSON
from facelib.store import verdicts
from facelib.store.connection import id_list
from facelib.store.gallery import Gallery

_BATCH = 65536


@dataclass(frozen=True, eq=False)
class ObservationTable:
    """Observations in the order of their ids; entry k of each column belongs to observation ``id[k]``.

    Attributes
    ----------
    id, photo_id : ndarray of shape (n,), int64
    seconds : ndarray of shape (n,), float64
        When the photo was taken, since 1970-01-01 UTC; NaN if unknown.
    latitude, longitude : ndarray of shape (n,), float64, degrees; NaN if unknown
    reliability : ndarray of shape (n,), float32, 0..1; 0 without a face
    has_face, has_body : ndarray of shape (n,), bool
    cluster : ndarray of shape (n,), int64
        Cluster ids, or NO_CLUSTER.
    group : ndarray of shape (n,), int64
        Group ids, or NO_GROUP.
    person : ndarray of shape (n,), int64
        The person that an 'is' verdict names, or NO_PERSON.
    not_person : ndarray of shape (m, 2), int64
        Observation ids, and persons that 'not' verdicts name.
    """

    id: np.ndarray
    photo_id: np.ndarray
    seconds: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    reliability: np.ndarray
    has_face: np.ndarray
    has_body: np.ndarray
    cluster: np.ndarray
    group: np.ndarray
    person: np.ndarray
    not_person: np.ndarray

    def __len__(self) -> int:
        return len(self.id)

    def part(self, rows: slice) -> ObservationTable:
        """The table of some of the rows; ``not_person`` stays complete."""
        columns = (field.name for field in dataclasses.fields(self) if field.name != "not_person")
        return dataclasses.replace(self, **{name: getattr(self, name)[rows] for name in columns})


def table(gallery: Gallery, ids: Iterable[int] | np.ndarray | None = None) -> ObservationTable:
    """The table of all observations, or of those with ``ids``, shape (n,), including those of photos whose files are missing."""
    where, parameters = ("", ()) if ids is None else ("WHERE o.id IN (SELECT value FROM json_each(?))", (id_list(ids),))
    rows = gallery.db.execute(
        "SELECT o.id, o.photo_id, p.seconds, p.latitude, p.longitude, o.reliability, o.face_x0 IS NOT NULL, o.body_x0 IS NOT NULL,"
        f" coalesce(m.cluster_id, {NO_CLUSTER}), coalesce(m.group_id, {NO_GROUP})"
        " FROM observations o JOIN photos p ON p.id = o.photo_id"
        f" LEFT JOIN memberships m ON m.observation_id = o.id {where} ORDER BY o.id",
        parameters,
    )
    parts = [np.empty((0, 10))]
    while batch := rows.fetchmany(_BATCH):
        parts.append(np.array(batch, dtype=np.float64))
    columns = np.concatenate(parts).T
    keys = columns[0].astype(np.int64)
    return ObservationTable(
        id=keys,
        photo_id=columns[1].astype(np.int64),
        seconds=columns[2].copy(),
        latitude=columns[3].copy(),
        longitude=columns[4].copy(),
        reliability=np.where(columns[6] > 0, columns[5], 0).astype(np.float32),
        has_face=columns[6] > 0,
        has_body=columns[7] > 0,
        cluster=columns[8].astype(np.int64),
        group=columns[9].astype(np.int64),
        person=_persons(gallery, keys, ids is not None),
        not_person=_not_persons(gallery, keys, ids is not None),
    )


def _persons(gallery: Gallery, keys: np.ndarray, subset: bool) -> np.ndarray:
    person = np.full(len(keys), NO_PERSON, dtype=np.int64)
    observations, people = verdicts.labels(gallery, "is", keys if subset else None)
    person[np.searchsorted(keys, observations)] = people
    return person


def _not_persons(gallery: Gallery, keys: np.ndarray, subset: bool) -> np.ndarray:
    observations, people = verdicts.labels(gallery, "not", keys if subset else None)
    return np.column_stack([observations, people]).astype(np.int64).reshape(-1, 2)
