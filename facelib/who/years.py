"""What the years say about the people of a gallery: who may be two, and which two may be one. Only suggests; never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facelib.clustering.drift import Continued, Stretches, Torn, calendar_years, continued, stretches, torn
from facelib.model_zoo import registry
from facelib.store import observations, verdicts
from facelib.store.cluster_state import held_to_be
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table
from facelib.store.people import PeopleRow
from facelib.thresholds import Thresholds


@dataclass(frozen=True)
class Apart:
    """Years of a person, or of a cluster without a name, that may be somebody else's.

    Attributes
    ----------
    years : tuple of int
        The calendar years, ascending.
    faces : tuple of int
        Ids of the observations of these years.
    distance, usual : float
        Mean distance to the nearest other years, and within the years of that person.
    nearer : PeopleRow or None
        The named person these years are nearer to than to their own, at ``nearer_distance``; None where they are only far.
    """

    row: PeopleRow
    years: tuple[int, ...]
    faces: tuple[int, ...]
    distance: float
    usual: float
    nearer: PeopleRow | None
    nearer_distance: float | None


@dataclass(frozen=True)
class Growing:
    """Two who may be one person growing up: ``before`` is last seen in the year ``ends``, ``after`` first in ``begins``."""

    before: PeopleRow
    after: PeopleRow
    ends: int
    begins: int
    distance: float


def look(gallery: Gallery, rows: Sequence[PeopleRow], thresholds: Thresholds) -> tuple[list[Apart], list[Growing]]:
    """Compare the years of these people, by their reliable and dated faces; the plainest cases come first."""
    seen = table(gallery)
    person = _places(gallery, seen, rows)
    card = registry.card(gallery.models()[registry.FACE_EMBEDDER])
    ids, vectors = observations.embeddings(gallery, "face", card.digest)
    usable = (person >= 0) & np.isfinite(seen.seconds) & (seen.reliability >= thresholds.min_reliability)
    kept = np.flatnonzero(usable & np.isin(seen.id, ids))
    if not len(kept):
        return [], []
    person, seconds, faces = person[kept], seen.seconds[kept], vectors[np.searchsorted(ids, seen.id[kept])]
    years = stretches(faces, person, seconds, thresholds.drift_faces)
    named = np.array([row.name is not None for row in rows])
    extent = np.stack([np.full(len(rows), np.inf), np.full(len(rows), -np.inf)], axis=1)
    np.minimum.at(extent[:, 0], person, seconds)
    np.maximum.at(extent[:, 1], person, seconds)
    found = continued(years, extent, named, _told_apart(seen, rows), thresholds)
    parts = [_apart(each, rows, years, seen.id[kept], seconds) for each in torn(years, named, thresholds)]
    return [part for part in parts if not _denied(gallery, part)], [_growing(each, rows, years) for each in found]


def _places(gallery: Gallery, seen: ObservationTable, rows: Sequence[PeopleRow]) -> np.ndarray:
    """Which of the rows each observation is of, -1 for none: whom it is held to be, else the cluster without a name it is in."""
    of_person = {row.person_id: k for k, row in enumerate(rows) if row.person_id is not None}
    of_cluster = {row.clusters[0]: k for k, row in enumerate(rows) if row.person_id is None}
    observed, people = held_to_be(gallery)
    held = np.full(len(seen), -1, dtype=np.int64)
    there = np.isin(observed, seen.id)
    held[np.searchsorted(seen.id, observed[there])] = people[there]
    return np.where(held >= 0, _looked_up(held, of_person), _looked_up(seen.cluster, of_cluster))


def _looked_up(keys: np.ndarray, place: dict[int, int]) -> np.ndarray:
    known = np.array(sorted(place), dtype=np.int64)
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    spot = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    places = np.array([place[key] for key in known.tolist()], dtype=np.int64)
    return np.where(known[spot] == keys, places[spot], -1)


def _told_apart(seen: ObservationTable, rows: Sequence[PeopleRow]) -> np.ndarray:
    """Pairs of places in ``rows`` that the user said are not one: shape (k, 2), int64."""
    of_person = {row.person_id: k for k, row in enumerate(rows) if row.person_id is not None}
    of_cluster = {cluster: k for k, row in enumerate(rows) for cluster in row.clusters}
    cluster = seen.cluster[np.searchsorted(seen.id, seen.not_person[:, 0])]
    pairs = np.stack([_looked_up(cluster, of_cluster), _looked_up(seen.not_person[:, 1], of_person)], axis=1)
    return pairs[(pairs >= 0).all(axis=1)]


def _apart(each: Torn, rows: Sequence[PeopleRow], years: Stretches, ids: np.ndarray, seconds: np.ndarray) -> Apart:
    inside = np.isin(years.of_row, each.part)
    return Apart(
        rows[each.person],
        tuple(np.unique(calendar_years(seconds[inside])).tolist()),
        tuple(ids[inside].tolist()),
        each.distance,
        each.usual,
        rows[each.other] if each.other >= 0 else None,
        each.other_distance if each.other >= 0 else None,
    )


def _denied(gallery: Gallery, part: Apart) -> bool:
    """Whether the user said of each of these faces that it is not whom they are nearer to."""
    if part.nearer is None:
        return False
    said = verdicts.verdicts_of(gallery, part.faces)
    return all(any(one.says == "not" and one.person_id == part.nearer.person_id for one in said.get(face, [])) for face in part.faces)


def _growing(each: Continued, rows: Sequence[PeopleRow], years: Stretches) -> Growing:
    ends, begins = calendar_years(np.array([years.last[each.ends], years.first[each.begins]])).tolist()
    return Growing(rows[each.before], rows[each.after], ends, begins, each.distance)

