"""Pass 1, inside moments: greedy, permanent, of high precision; many small groups, each with running means."""

from __future__ import annotations

import numpy as np

from facelib.clustering.distance import blend
from facelib.clustering.observations import Observations
from facelib.thresholds import Thresholds


def first_pass(observations: Observations, thresholds: Thresholds, owner: np.ndarray | None = None) -> np.ndarray:
    """Group the observations of each moment.

    The reliable faces come first, the most reliable at the head; each joins the nearest group of its moment below
    ``first_cut``, by the blended distance to the mean of the group's faces and bodies, or starts a group. Unreliable faces
    join in the same way, but neither start a group nor move its means; bodies without a face join below ``body_cut``, and
    only if a single group is so near. No group holds two people of one photo (unless nearly identical), two given persons,
    or an observation and the person it was said not to be.

    Parameters
    ----------
    observations : Observations
    thresholds : Thresholds
        Read: alpha, beta, gamma, first_cut, body_cut, same_photo_cut, min_reliability.
    owner : ndarray of shape (n,), int64, optional
        Rows of different owners >= 0 are never grouped; -1 for none.

    Returns
    -------
    ndarray of shape (n,), int64
        Groups 0.. in the order of their first rows; what joined nothing is a group of its own.
    """
    n = len(observations)
    owner = np.full(n, -1, dtype=np.int64) if owner is None else np.asarray(owner, dtype=np.int64)
    leader = np.arange(n)
    rejected: dict[int, set[int]] = {}
    for row, person in observations.rejected.tolist():
        rejected.setdefault(row, set()).add(person)
    timed = np.flatnonzero(observations.moment >= 0)
    timed = timed[np.argsort(observations.moment[timed], kind="stable")]
    edges = np.flatnonzero(np.diff(observations.moment[timed])) + 1
    # Each looks at all rows, so once and not in every moment.
    seen = (observations.reliable(thresholds.min_reliability), observations.has_face, observations.has_body)
    for rows in np.split(timed, edges):
        if len(rows) > 1:
            _Moment(observations, thresholds, owner, rejected, rows, seen).group(leader)
    return np.unique(leader, return_inverse=True)[1].astype(np.int64)


class _Moment:
    """The groups of one moment while they grow; group k was started by row ``leaders[k]``."""

    def __init__(
        self,
        observations: Observations,
        thresholds: Thresholds,
        owner: np.ndarray,
        rejected: dict[int, set[int]],
        rows: np.ndarray,
        seen: tuple[np.ndarray, np.ndarray, np.ndarray],
    ) -> None:
        self.observations, self.thresholds, self.owner, self.rejected, self.rows = observations, thresholds, owner, rejected, rows
        r = len(rows)
        self.reliable, self.has_face, self.has_body = (of_all[rows] for of_all in seen)
        self.face_sums = np.zeros((r, observations.faces.shape[1]), dtype=np.float32)
        self.body_sums = np.zeros((r, observations.bodies.shape[1]), dtype=np.float32)
        self.face_counts, self.body_counts = np.zeros(r, dtype=np.float32), np.zeros(r, dtype=np.float32)
        self.person, self.owners = np.full(r, -1, dtype=np.int64), np.full(r, -1, dtype=np.int64)
        self.excluded: dict[int, set[int]] = {}
        self.in_photo: dict[int, list[tuple[int, int]]] = {}
        self.leaders: list[int] = []

    def order(self) -> np.ndarray:
        """Places in ``rows``: reliable faces, other faces, bodies; nothing in it depends on the order of the input."""
        o, rows = self.observations, self.rows
        content = (o.faces[rows, 0] if o.faces.shape[1] else o.photo[rows], o.bodies[rows, 0] if o.bodies.shape[1] else o.photo[rows])
        return np.lexsort((*content, o.photo[rows], -o.reliability[rows], ~self.has_face, ~self.reliable))

    def group(self, leader: np.ndarray) -> None:
        """Write into ``leader`` for each row the row that started its group."""
        for place in self.order().tolist():
            row = int(self.rows[place])
            spot = self.nearest(place, row)
            if spot is None and self.reliable[place]:
                spot = len(self.leaders)
                self.leaders.append(row)
            if spot is not None:
                leader[row] = self.leaders[spot]
                self.add(spot, place, row)

    def nearest(self, place: int, row: int) -> int | None:
        """The group the row at ``place`` joins, or None."""
        k, o, t = len(self.leaders), self.observations, self.thresholds
        if not k or not (self.has_face[place] or self.has_body[place]):
            return None
        face = 1 - self.face_sums[:k] @ o.faces[row] / self.face_counts[:k]
        bodies = self.body_counts[:k]
        body = 1 - self.body_sums[:k] @ o.bodies[row] / np.maximum(bodies, 1)
        seen = (bodies > 0) & bool(self.has_body[place])
        with_face = np.full(k, bool(self.has_face[place]))
        distance = blend(face, body, with_face, seen, t.alpha, t.beta, t.gamma)
        near = distance < (t.first_cut if self.has_face[place] else t.body_cut)
        near &= self.allowed(row)
        candidates = np.flatnonzero(near)
        if not len(candidates) or (len(candidates) > 1 and not self.has_face[place]):
            return None
        return int(candidates[np.argmin(distance[candidates])])

    def allowed(self, row: int) -> np.ndarray:
        """Groups the row may join: ndarray of shape (groups,), bool."""
        k, o = len(self.leaders), self.observations
        person, owner = o.person[row], self.owner[row]
        allowed = np.ones(k, dtype=bool)
        if person >= 0:
            allowed &= (self.person[:k] < 0) | (self.person[:k] == person)
            for spot, persons in self.excluded.items():
                allowed[spot] &= int(person) not in persons
        if owner >= 0:
            allowed &= (self.owners[:k] < 0) | (self.owners[:k] == owner)
        for not_this in self.rejected.get(row, ()):
            allowed &= self.person[:k] != not_this
        for spot, other in self.in_photo.get(int(o.photo[row]), ()):
            same = o.faces[row].any() and 1 - float(o.faces[row] @ o.faces[other]) < self.thresholds.same_photo_cut
            allowed[spot] &= bool(same)
        return allowed

    def add(self, spot: int, place: int, row: int) -> None:
        """Take the row into a group; only reliable faces and their bodies move the means."""
        o = self.observations
        if self.reliable[place]:
            self.face_sums[spot] += o.faces[row]
            self.face_counts[spot] += 1
            if self.has_body[place]:
                self.body_sums[spot] += o.bodies[row]
                self.body_counts[spot] += 1
        self.person[spot] = max(self.person[spot], o.person[row])
        self.owners[spot] = max(self.owners[spot], self.owner[row])
        self.in_photo.setdefault(int(o.photo[row]), []).append((spot, row))
        if row in self.rejected:
            self.excluded.setdefault(spot, set()).update(self.rejected[row])
