"""Greedy clustering within moments: pass 1, permanent, of high precision; many small groups, each with running means."""

from __future__ import annotations

import numpy as np

from facelib.clustering.distance import blend
from facelib.clustering.observations import Observations
from facelib.records import NO_CLUSTER, NO_PERSON
from facelib.thresholds import Thresholds


def group_within_moments(observations: Observations, thresholds: Thresholds, cluster: np.ndarray | None = None) -> np.ndarray:
    """Group the observations of each moment.

    The reliable faces come first, in the order of falling reliability. Each joins the nearest group of its moment below
    ``group_threshold``, by the blended distance to the mean of the group's faces and bodies, or starts a group. Unreliable faces
    join in the same way, but neither start a group nor move its means. Bodies without a face join below ``body_threshold``, and
    only if a single group is so near. No group holds two people of one photo (unless nearly identical), two given persons,
    or an observation and a person it was rejected for.

    Parameters
    ----------
    observations : Observations
    thresholds : Thresholds
        Read: alpha, beta, gamma, group_threshold, body_threshold, same_photo_threshold, min_reliability.
    cluster : ndarray of shape (n,), int64, optional
        The cluster each row has already, ``NO_CLUSTER`` for none; rows of different clusters are never grouped.

    Returns
    -------
    ndarray of shape (n,), int64
        Groups 0.. in the order of their first rows; a row that joined nothing is a group of its own.
    """
    n = len(observations)
    cluster = np.full(n, NO_CLUSTER, dtype=np.int64) if cluster is None else np.asarray(cluster, dtype=np.int64)
    leader = np.arange(n)
    rejected: dict[int, set[int]] = {}
    for row, person in observations.rejected.tolist():
        rejected.setdefault(row, set()).add(person)
    timed = np.flatnonzero(observations.moment >= 0)
    timed = timed[np.argsort(observations.moment[timed], kind="stable")]
    edges = np.flatnonzero(np.diff(observations.moment[timed])) + 1
    # Each of these goes through all rows, so once and not in every moment.
    flags = (observations.reliable(thresholds.min_reliability), observations.has_face, observations.has_body)
    for rows in np.split(timed, edges):
        if len(rows) > 1:
            _MomentGroups(observations, thresholds, cluster, rejected, rows, flags).write(leader)
    return np.unique(leader, return_inverse=True)[1].astype(np.int64)


class _MomentGroups:
    """The groups of one moment while they grow; group g was started by row ``leaders[g]``."""

    def __init__(
        self,
        observations: Observations,
        thresholds: Thresholds,
        cluster: np.ndarray,
        rejected: dict[int, set[int]],
        rows: np.ndarray,
        flags: tuple[np.ndarray, np.ndarray, np.ndarray],
    ) -> None:
        self.observations, self.thresholds, self.cluster, self.rejected, self.rows = observations, thresholds, cluster, rejected, rows
        r = len(rows)
        self.reliable, self.has_face, self.has_body = (of_all[rows] for of_all in flags)
        self.face_sums = np.zeros((r, observations.faces.shape[1]), dtype=np.float32)
        self.body_sums = np.zeros((r, observations.bodies.shape[1]), dtype=np.float32)
        self.face_counts, self.body_counts = np.zeros(r, dtype=np.float32), np.zeros(r, dtype=np.float32)
        self.person, self.clusters = np.full(r, NO_PERSON, dtype=np.int64), np.full(r, NO_CLUSTER, dtype=np.int64)
        self.excluded: dict[int, set[int]] = {}
        self.in_photo: dict[int, list[tuple[int, int]]] = {}
        self.leaders: list[int] = []

    def order(self) -> np.ndarray:
        """Indices into ``rows``: reliable faces, other faces, bodies; nothing in it depends on the order of the input."""
        o, rows = self.observations, self.rows
        content = (o.faces[rows, 0] if o.faces.shape[1] else o.photo[rows], o.bodies[rows, 0] if o.bodies.shape[1] else o.photo[rows])
        return np.lexsort((*content, o.photo[rows], -o.reliability[rows], ~self.has_face, ~self.reliable))

    def write(self, leader: np.ndarray) -> None:
        """Write into ``leader``, shape (n,), for each row of the moment the row that started its group."""
        for k in self.order().tolist():
            row = int(self.rows[k])
            group = self.nearest(k, row)
            if group is None and self.reliable[k]:
                group = len(self.leaders)
                self.leaders.append(row)
            if group is not None:
                leader[row] = self.leaders[group]
                self.add(group, k, row)

    def nearest(self, k: int, row: int) -> int | None:
        """The group that ``row``, which is ``rows[k]``, joins, or None."""
        m, o, t = len(self.leaders), self.observations, self.thresholds
        if not m or not (self.has_face[k] or self.has_body[k]):
            return None
        face = 1 - self.face_sums[:m] @ o.faces[row] / self.face_counts[:m]
        bodies = self.body_counts[:m]
        body = 1 - self.body_sums[:m] @ o.bodies[row] / np.maximum(bodies, 1)
        bodies_seen = (bodies > 0) & bool(self.has_body[k])
        faces_seen = np.full(m, bool(self.has_face[k]))
        distance = blend(face, body, faces_seen, bodies_seen, t.alpha, t.beta, t.gamma)
        near = distance < (t.group_threshold if self.has_face[k] else t.body_threshold)
        near &= self.allowed(row)
        candidates = np.flatnonzero(near)
        if not len(candidates) or (len(candidates) > 1 and not self.has_face[k]):
            return None
        return int(candidates[np.argmin(distance[candidates])])

    def allowed(self, row: int) -> np.ndarray:
        """Groups the row may join: ndarray of shape (groups,), bool."""
        m, o = len(self.leaders), self.observations
        person, cluster = o.person[row], self.cluster[row]
        allowed = np.ones(m, dtype=bool)
        if person >= 0:
            allowed &= (self.person[:m] < 0) | (self.person[:m] == person)
            for group, persons in self.excluded.items():
                allowed[group] &= int(person) not in persons
        if cluster >= 0:
            allowed &= (self.clusters[:m] < 0) | (self.clusters[:m] == cluster)
        for not_this in self.rejected.get(row, ()):
            allowed &= self.person[:m] != not_this
        for group, other in self.in_photo.get(int(o.photo[row]), ()):
            same = o.faces[row].any() and 1 - float(o.faces[row] @ o.faces[other]) < self.thresholds.same_photo_threshold
            allowed[group] &= bool(same)
        return allowed

    def add(self, group: int, k: int, row: int) -> None:
        """Add ``row``, which is ``rows[k]``, to a group; only reliable faces and their bodies move the means."""
        o = self.observations
        if self.reliable[k]:
            self.face_sums[group] += o.faces[row]
            self.face_counts[group] += 1
            if self.has_body[k]:
                self.body_sums[group] += o.bodies[row]
                self.body_counts[group] += 1
        self.person[group] = max(self.person[group], o.person[row])
        self.clusters[group] = max(self.clusters[group], self.cluster[row])
        self.in_photo.setdefault(int(o.photo[row]), []).append((group, row))
        if row in self.rejected:
            self.excluded.setdefault(group, set()).update(self.rejected[row])
