"""Which clusters may be one person: pairs to ask the user about, those first whose answer gains most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.store import clusters, observation_summaries, observations, verdicts
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table
from facelib.store.people import PeopleRow, Target

MOST = 200
"""Pairs kept: nobody answers more in one sitting, and answers change what follows."""

_NEIGHBOURS = 6
_CANDIDATES = 5000
_BLOCK = 1024


@dataclass(frozen=True)
class Suggestion:
    """A pair that may be one person.

    Attributes
    ----------
    first, second : Target
        The one with more faces first; a named person before an unnamed cluster.
    distance : float
        Mean cosine distance between faces of the one and of the other, 0..2.
    gain : float
        Faces that find their person by a yes, weighted by how close the pair is.
    """

    first: Target
    second: Target
    distance: float
    gain: float


def suggest(gallery: Gallery, rows: Sequence[PeopleRow], reach: float) -> list[Suggestion]:
    """Pairs of different rows whose faces are near, the greatest gain first.

    Left out are two people of different names, pairs the user called different (a verdict about a single face is
    enough), and pairs seen in one photo together.

    Parameters
    ----------
    rows : sequence of PeopleRow
        Hidden ones are left out.
    reach : float
        Greatest distance.
    """
    rows = sorted((row for row in rows if not row.hidden and row.faces), key=lambda row: -row.faces)[:_CANDIDATES]
    if len(rows) < 2:
        return []
    targets = [row.target for row in rows]
    unit, sizes = _means(gallery, rows)
    known = np.flatnonzero(sizes > 0)
    if len(known) < 2:
        return []
    left, right, closeness = _nearest(unit[known])
    left, right, distance = known[left], known[right], 1 - closeness
    named = np.array([row.name is not None for row in rows])
    faces = np.array([row.faces for row in rows])
    allowed = (distance < reach) & ~(named[left] & named[right])
    left, right, distance = left[allowed], right[allowed], distance[allowed]
    gain = np.minimum(faces[left], faces[right]) * (1 - distance / reach)
    apart = _called_different(gallery, rows)
    order = np.lexsort((right, left, -gain))
    shared = _SharedPhotos(gallery)
    found: list[Suggestion] = []
    for k in order.tolist():
        i, j = int(left[k]), int(right[k])
        if (i, j) in apart or shared.any(targets[i], targets[j]):
            continue
        if (named[j], faces[j]) > (named[i], faces[i]):
            i, j = j, i
        found.append(Suggestion(targets[i], targets[j], float(distance[k]), float(gain[k])))
        if len(found) == MOST:
            break
    return found


def _means(gallery: Gallery, rows: Sequence[PeopleRow]) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the faces of each row (k, d), and of how many: the scalar product of two means is the mean similarity."""
    position = {cluster: k for k, row in enumerate(rows) for cluster in row.clusters}
    ids, sums, counts = clusters.sums(gallery)
    card = registry.card(gallery.models()[registry.FACE_EMBEDDER])
    if not set(position) <= set(ids.tolist()) or (len(sums) and sums.shape[1] != card.dimension):
        ids, sums, counts = _sums(gallery, card)
    total = np.zeros((len(rows), card.dimension), dtype=np.float64)
    sizes = np.zeros(len(rows))
    there = np.array([position.get(int(cluster), -1) for cluster in ids], dtype=np.int64)
    np.add.at(total, there[there >= 0], sums[there >= 0])
    np.add.at(sizes, there[there >= 0], counts[there >= 0])
    return (total / np.maximum(sizes, 1)[:, None]).astype(np.float32), sizes


def _sums(gallery: Gallery, card: registry.ModelCard) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of the embeddings of each cluster, where the runs have kept none."""
    found, vectors = observations.embeddings(gallery, "face", card.digest)
    if not len(found):
        return np.empty(0, dtype=np.int64), np.empty((0, card.dimension)), np.empty(0)
    members = table(gallery)
    place = np.minimum(np.searchsorted(members.id, found), max(len(members) - 1, 0))
    here = members.id[place] == found
    cluster = np.where(here, members.cluster[place], -1)
    ids, position, counts = np.unique(cluster[cluster >= 0], return_inverse=True, return_counts=True)
    sums = np.zeros((len(ids), card.dimension), dtype=np.float64)
    np.add.at(sums, position, vectors[cluster >= 0])
    return ids, sums, counts.astype(np.float64)


def _nearest(means: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each row with its nearest others, every pair once: two positions, the lower first, and the mean similarity."""
    pairs: dict[tuple[int, int], float] = {}
    keep = min(_NEIGHBOURS, len(means) - 1)
    for start in range(0, len(means), _BLOCK):
        likeness = means[start : start + _BLOCK] @ means.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -np.inf
        best = np.argpartition(-likeness, keep - 1, axis=1)[:, :keep]
        for row, columns in enumerate(best.tolist()):
            for column in columns:
                pairs[min(start + row, column), max(start + row, column)] = float(likeness[row, column])
    keys = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return keys[:, 0], keys[:, 1], np.array(list(pairs.values()))


def _called_different(gallery: Gallery, rows: Sequence[PeopleRow]) -> set[tuple[int, int]]:
    """Positions, the lower first, of pairs that a 'not' of the user holds apart."""
    seen, judged_not = verdicts.labels(gallery, "not")
    if not len(seen):
        return set()
    of_person = {row.person_id: k for k, row in enumerate(rows) if row.person_id is not None}
    of_cluster = {cluster: k for k, row in enumerate(rows) for cluster in row.clusters}
    owner: dict[int, set[int]] = defaultdict(set)
    for portrait in observation_summaries.by_ids(gallery, np.unique(seen).tolist()):
        for place in (of_person.get(portrait.person_id or -1), of_cluster.get(portrait.cluster or -1)):
            if place is not None:
                owner[portrait.id].add(place)
    apart = set()
    for observation, person in zip(seen.tolist(), judged_not.tolist(), strict=True):
        other = of_person.get(person)
        if other is not None:
            apart |= {(min(place, other), max(place, other)) for place in owner[observation] if place != other}
    return apart


class _SharedPhotos:
    """Whether two are seen in one photo; looked up as asked, for most pairs never are."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._photos: dict[Target, set[int]] = {}

    def any(self, one: Target, other: Target) -> bool:
        missing = [target for target in (one, other) if target not in self._photos]
        self._photos.update(observation_summaries.photos_of(self._gallery, missing))
        return not self._photos[one].isdisjoint(self._photos[other])
