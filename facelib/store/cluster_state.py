"""Fingerprints of the clusters, and observations without an answer of their own: what decides which answers are stale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facelib.records import NO_CLUSTER, NO_PERSON
from facelib.store.connection import id_list
from facelib.store.gallery import Gallery

_BATCH = 65536
_KEY = "{0} * ({0} % 9973 + 1)"


@dataclass(frozen=True, eq=False)
class ClusterStates:
    """Clusters in the order of their ids; observations without one are counted together, as ``NO_CLUSTER``.

    Attributes
    ----------
    id : ndarray of shape (n,), int64
    size : ndarray of shape (n,), int64
    key : ndarray of shape (n,), int64
        Sum of :func:`member_keys` of the members.
    person : ndarray of shape (n,), int64
        The owner; ``NO_PERSON`` for none.
    """

    id: np.ndarray
    size: np.ndarray
    key: np.ndarray
    person: np.ndarray

    def tobytes(self) -> bytes:
        """The columns as little-endian int64."""
        return np.stack([self.id, self.size, self.key, self.person]).astype("<i8").tobytes()

    @staticmethod
    def frombytes(data: bytes) -> ClusterStates:
        """What :meth:`tobytes` gave."""
        return ClusterStates(*np.frombuffer(data, dtype="<i8").astype(np.int64).reshape(4, -1))


def member_keys(observations: np.ndarray) -> np.ndarray:
    """A number for each observation, both of shape (n,), int64; two different sets of observations almost surely have different sums."""
    return observations * (observations % 9973 + 1)


def cluster_states(gallery: Gallery) -> ClusterStates:
    """All clusters as they are now."""
    rows = gallery.db.execute(
        f"SELECT coalesce(cluster_id, {NO_CLUSTER}), count(*), sum({_KEY.format('observation_id')}),"
        f" coalesce((SELECT person_id FROM clusters WHERE id = cluster_id), {NO_PERSON}) FROM memberships GROUP BY cluster_id"
    )
    parts = [np.empty((0, 4), dtype=np.int64)]
    while batch := rows.fetchmany(_BATCH):
        parts.append(np.array(batch, dtype=np.int64))
    columns = np.concatenate(parts)
    return ClusterStates(*columns[np.argsort(columns[:, 0], kind="stable")].T.copy())


def unanswered(gallery: Gallery) -> tuple[np.ndarray, np.ndarray]:
    """Clustered observations without an answer of the sparse code.

    Returns
    -------
    new : ndarray of shape (n,), int64
        Those without any answer.
    of_cluster : ndarray of shape (m,), int64
        Those that only have the person of their cluster.
    """
    new = gallery.db.execute(
        "SELECT observation_id FROM memberships m WHERE NOT EXISTS (SELECT 1 FROM answers a WHERE a.observation_id = m.observation_id)"
        " ORDER BY 1"
    ).fetchall()
    of_cluster = gallery.db.execute("SELECT observation_id FROM answers WHERE source = 'cluster' ORDER BY 1").fetchall()
    return np.array(new, dtype=np.int64).reshape(-1), np.array(of_cluster, dtype=np.int64).reshape(-1)


def clusters_of_stray_exemplars(gallery: Gallery) -> np.ndarray:
    """Clusters with an exemplar that is not a member: ndarray of shape (n,), int64, ascending."""
    rows = gallery.db.execute(
        "SELECT DISTINCT x.cluster_id FROM exemplars x LEFT JOIN memberships m ON m.observation_id = x.observation_id"
        " WHERE m.cluster_id IS NOT x.cluster_id ORDER BY 1"
    ).fetchall()
    return np.array(rows, dtype=np.int64).reshape(-1)


def replace_exemplars(gallery: Gallery, clusters: Sequence[int] | np.ndarray, pairs: np.ndarray) -> None:
    """Replace the exemplars of some clusters.

    Parameters
    ----------
    clusters : sequence of cluster ids
    pairs : ndarray of shape (n, 2), int64
        Cluster and observation; only of these clusters.
    """
    with gallery.atomic():
        gallery.db.execute("DELETE FROM exemplars WHERE cluster_id IN (SELECT value FROM json_each(?))", (id_list(clusters),))
        rows = ((int(observation), int(cluster)) for cluster, observation in pairs)
        gallery.db.executemany("INSERT OR REPLACE INTO exemplars (observation_id, cluster_id) VALUES (?, ?)", rows)


def answered_people(gallery: Gallery) -> tuple[np.ndarray, np.ndarray]:
    """Observations whose answer is a person, ascending, and the persons: two arrays of shape (n,), int64."""
    rows = gallery.db.execute("SELECT observation_id, person_id FROM answers WHERE person_id IS NOT NULL ORDER BY 1").fetchall()
    pairs = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()
