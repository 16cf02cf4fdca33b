"""Queries of incremental runs: new observations, their photos and moments, and the clusters that they change."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from facelib.store.connection import IN_LIST, id_list
from facelib.store.gallery import Gallery


def sizes(gallery: Gallery) -> tuple[int, int]:
    """The number of observations, and of those that have been clustered."""
    return (
        int(gallery.db.value("SELECT count(*) FROM observations")),
        int(gallery.db.value("SELECT count(*) FROM memberships")),
    )


def unseen(gallery: Gallery) -> np.ndarray:
    """Observations that have not been clustered: ndarray of shape (n,), int64, ascending."""
    return _column(
        gallery, "SELECT id FROM observations o WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE observation_id = o.id) ORDER BY id"
    )


def pool(gallery: Gallery, limit: int) -> np.ndarray:
    """The newest faces without a cluster: ndarray of shape (n,), int64, ascending, n at most ``limit``."""
    newest = _column(
        gallery,
        "SELECT m.observation_id FROM memberships m JOIN face_embeddings e ON e.observation_id = m.observation_id"
        " WHERE m.cluster_id IS NULL ORDER BY 1 DESC LIMIT ?",
        limit,
    )
    return newest[::-1].copy()


def photo_times(gallery: Gallery) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All photos with a time of capture.

    Returns
    -------
    photos : ndarray of shape (n,), int64
    seconds : ndarray of shape (n,), float64
    places : ndarray of shape (n, 2), float64
        Latitude and longitude in degrees; NaN where unknown.
    """
    rows = gallery.db.execute("SELECT id, seconds, latitude, longitude FROM photos WHERE seconds IS NOT NULL ORDER BY id").fetchall()
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return columns[:, 0].astype(np.int64), columns[:, 1].copy(), columns[:, 2:].copy()


def photos_of(gallery: Gallery, observations: Iterable[int] | np.ndarray) -> np.ndarray:
    """The photos these observations are in: ndarray of shape (n,), int64, ascending."""
    return _column(gallery, f"SELECT DISTINCT photo_id FROM observations WHERE id {IN_LIST} ORDER BY 1", id_list(observations))


def observations_of(gallery: Gallery, photos: Iterable[int] | np.ndarray) -> np.ndarray:
    """The observations in these photos: ndarray of shape (n,), int64, ascending."""
    return _column(gallery, f"SELECT id FROM observations WHERE photo_id {IN_LIST} ORDER BY 1", id_list(photos))


def members(gallery: Gallery, clusters: Iterable[int] | np.ndarray) -> np.ndarray:
    """The observations in these clusters: ndarray of shape (n,), int64, ascending."""
    return _column(gallery, f"SELECT observation_id FROM memberships WHERE cluster_id {IN_LIST} ORDER BY 1", id_list(clusters))


def cluster_photos(gallery: Gallery) -> np.ndarray:
    """Pairs (cluster, photo), one for each member of a cluster: ndarray of shape (r, 2), int64."""
    rows = gallery.db.execute(
        "SELECT m.cluster_id, o.photo_id FROM memberships m JOIN observations o ON o.id = m.observation_id WHERE m.cluster_id IS NOT NULL"
    ).fetchall()
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def cluster_rejections(gallery: Gallery) -> np.ndarray:
    """Pairs (cluster, person): the user rejected a member for that person. ndarray of shape (k, 2), int64."""
    rows = gallery.db.execute(
        "SELECT DISTINCT m.cluster_id, v.person_id FROM verdicts v JOIN attachments a ON a.verdict_id = v.id"
        " JOIN memberships m ON m.observation_id = a.observation_id"
        " WHERE v.says = 'not' AND v.ended_by IS NULL AND m.cluster_id IS NOT NULL ORDER BY 1, 2"
    ).fetchall()
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def all_clusters(gallery: Gallery) -> np.ndarray:
    """Ids of all clusters: ndarray of shape (m,), int64, ascending."""
    return _column(gallery, "SELECT id FROM clusters ORDER BY id")


def join(gallery: Gallery, pairs: Iterable[tuple[int, int]]) -> None:
    """Move the members of the first cluster of each pair to the second, and delete the first."""
    listed = [(int(into), int(gone)) for gone, into in pairs]
    with gallery.atomic():
        gallery.db.executemany("UPDATE memberships SET cluster_id = ? WHERE cluster_id = ?", listed)
        gallery.db.executemany("UPDATE exemplars SET cluster_id = ? WHERE cluster_id = ?", listed)
        gallery.db.executemany("DELETE FROM clusters WHERE id = ?", ((gone,) for _, gone in listed))


def last_change(gallery: Gallery) -> int:
    """Id of the last entry of the log of changes; 0 if there is none."""
    return int(gallery.db.value("SELECT coalesce(max(id), 0) FROM changes"))


def commands_since(gallery: Gallery, change: int) -> set[str]:
    """The commands that the user gave after that change."""
    return {row[0] for row in gallery.db.execute("SELECT DISTINCT command FROM changes WHERE id > ?", (change,))}


def _column(gallery: Gallery, statement: str, *parameters: object) -> np.ndarray:
    return np.array([row[0] for row in gallery.db.execute(statement, parameters)], dtype=np.int64)
