"""Suggestions for a gallery: which rows of ``people`` may be one person, those first whose merge gains most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facelib.clustering.suggestions import candidate_pairs
from facelib.clustering.sums import merge_sums
from facelib.model_zoo import registry
from facelib.stages.cluster_sums import read_sums
from facelib.store import observation_summaries, verdicts
from facelib.store.gallery import Gallery
from facelib.store.people import PeopleRow, Target
from facelib.thresholds import Thresholds

MAX_PAIRS = 200
"""Pairs listed: no user answers more in one sitting, and answers change what follows."""
MAX_ROWS = 5000
"""Rows compared: those with the most faces."""


@dataclass(frozen=True)
class Suggestion:
    """A pair that may be one person.

    Attributes
    ----------
    first, second : Target
        A named person before an unnamed cluster, then the one with more faces first.
    distance : float
        Mean cosine distance between faces of the one and of the other, 0..2.
    gain : float
        Faces that a merge gives to another, weighted by how near the pair is.
    """

    first: Target
    second: Target
    distance: float
    gain: float


def suggest(gallery: Gallery, rows: Sequence[PeopleRow], thresholds: Thresholds) -> list[Suggestion]:
    """Pairs of rows whose faces are near, the greatest gain first.

    Left out are hidden rows, two people of different names, pairs the user called different (a verdict about a single face is
    enough), and pairs seen in one photo together.

    Parameters
    ----------
    rows : sequence of PeopleRow
    thresholds : Thresholds
        Read: suggestion_reach, min_reliability.
    """
    rows = sorted((row for row in rows if not row.hidden and row.faces), key=lambda row: -row.faces)[:MAX_ROWS]
    targets = [row.target for row in rows]
    faces = np.array([row.faces for row in rows], dtype=np.int64)
    named = np.array([row.name is not None for row in rows], dtype=bool)
    pairs = candidate_pairs(*_sums(gallery, rows, thresholds), faces, named, thresholds.suggestion_reach)
    different, shared = _called_different(gallery, rows), _SharedPhotos(gallery)
    suggestions: list[Suggestion] = []
    for k in range(len(pairs)):
        i, j = int(pairs.first[k]), int(pairs.second[k])
        if (min(i, j), max(i, j)) in different or shared.any(targets[i], targets[j]):
            continue
        suggestions.append(Suggestion(targets[i], targets[j], float(pairs.distance[k]), float(pairs.gain[k])))
        if len(suggestions) == MAX_PAIRS:
            break
    return suggestions


def _sums(gallery: Gallery, rows: Sequence[PeopleRow], thresholds: Thresholds) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the reliable faces of each row, and how many they are."""
    row_of = {cluster: k for k, row in enumerate(rows) for cluster in row.clusters}
    wanted = np.array(sorted(row_of), dtype=np.int64)
    card = registry.card(gallery.models()[registry.FACE_EMBEDDER])
    ids, sums, counts = read_sums(gallery, card, thresholds.min_reliability, wanted)
    inside = np.isin(ids, wanted)
    label = np.array([row_of[cluster] for cluster in ids[inside].tolist()], dtype=np.int64)
    return merge_sums(sums[inside], counts[inside], label, len(rows))


def _called_different(gallery: Gallery, rows: Sequence[PeopleRow]) -> set[tuple[int, int]]:
    """Pairs of indices of rows, the lower first: the user rejected an observation of the one row for the person of the other."""
    observation, not_person = verdicts.labels(gallery, "not")
    of_person: dict[int | None, int] = {row.person_id: k for k, row in enumerate(rows) if row.person_id is not None}
    of_cluster: dict[int | None, int] = {cluster: k for k, row in enumerate(rows) for cluster in row.clusters}
    rows_of: dict[int, set[int]] = defaultdict(set)
    for summary in observation_summaries.by_ids(gallery, np.unique(observation).tolist()):
        for k in (of_person.get(summary.person_id), of_cluster.get(summary.cluster)):
            if k is not None:
                rows_of[summary.id].add(k)
    different = set()
    for key, person in zip(observation.tolist(), not_person.tolist(), strict=True):
        other = of_person.get(person)
        if other is not None:
            different |= {(min(k, other), max(k, other)) for k in rows_of[key] if k != other}
    return different


class _SharedPhotos:
    """Whether two people or clusters are seen in one photo together; read on demand, because most pairs are never listed."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._photos: dict[Target, set[int]] = {}

    def any(self, one: Target, other: Target) -> bool:
        """Whether both are seen in some photo."""
        missing = [target for target in (one, other) if target not in self._photos]
        self._photos.update(observation_summaries.photos_of(self._gallery, missing))
        return not self._photos[one].isdisjoint(self._photos[other])
