"""The drift report: people who may be two, and pairs who may be one person, by their faces over the years. Never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facelib.clustering.drift import DriftMerge, DriftSplit, find_merges, find_splits
from facelib.clustering.years import YearSpans, calendar_years, year_spans
from facelib.model_zoo import registry
from facelib.records import NO_PERSON
from facelib.store import observations, verdicts
from facelib.store.cluster_state import answered_people
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table
from facelib.store.people import PeopleRow
from facelib.thresholds import Thresholds

NO_ROW = -1
"""In arrays of rows of ``people``: the observation is in none of them."""


@dataclass(frozen=True)
class PossibleSplit:
    """Years of a person, or of a cluster without a name, that may show somebody else.

    Attributes
    ----------
    row : PeopleRow
    years : tuple of int
        The calendar years, ascending.
    faces : tuple of int
        Ids of the observations of these years.
    distance, intra_distance : float
        Mean distance to the nearest other years, and within the years of that person.
    nearer : PeopleRow or None
        The named person these years are nearer to than to their own, at ``nearer_distance``; None if they are only far from their own.
    """

    row: PeopleRow
    years: tuple[int, ...]
    faces: tuple[int, ...]
    distance: float
    intra_distance: float
    nearer: PeopleRow | None
    nearer_distance: float | None


@dataclass(frozen=True)
class PossibleMerge:
    """Two who may be one person growing up: ``before`` is last seen in ``last_year``, ``after`` first in ``first_year``."""

    before: PeopleRow
    after: PeopleRow
    last_year: int
    first_year: int
    distance: float


def drift_report(gallery: Gallery, rows: Sequence[PeopleRow], thresholds: Thresholds) -> tuple[list[PossibleSplit], list[PossibleMerge]]:
    """Compare the years of these people, by their reliable and dated faces; the clearest cases come first."""
    seen = table(gallery)
    person = _row_of_observation(gallery, seen, rows)
    card = registry.card(gallery.models()[registry.FACE_EMBEDDER])
    ids, vectors = observations.embeddings(gallery, "face", card.digest)
    usable = (person >= 0) & np.isfinite(seen.seconds) & (seen.reliability >= thresholds.min_reliability)
    used = np.flatnonzero(usable & np.isin(seen.id, ids))
    if not len(used):
        return [], []
    person, seconds, faces = person[used], seen.seconds[used], vectors[np.searchsorted(ids, seen.id[used])]
    years = year_spans(faces, person, seconds, thresholds.drift_faces)
    named = np.array([row.name is not None for row in rows])
    extent = np.stack([np.full(len(rows), np.inf), np.full(len(rows), -np.inf)], axis=1)
    np.minimum.at(extent[:, 0], person, seconds)
    np.maximum.at(extent[:, 1], person, seconds)
    merges = find_merges(years, extent, named, _pairs_said_to_differ(seen, rows), thresholds)
    splits = [_possible_split(split, rows, years, seen.id[used], seconds) for split in find_splits(years, named, thresholds)]
    return [split for split in splits if not _rejected(gallery, split)], [_possible_merge(merge, rows, years) for merge in merges]


def _row_of_observation(gallery: Gallery, seen: ObservationTable, rows: Sequence[PeopleRow]) -> np.ndarray:
    """The row of each observation, ``NO_ROW`` for none: that of the person it shows, else of its cluster without a name."""
    of_person = {row.person_id: k for k, row in enumerate(rows) if row.person_id is not None}
    of_cluster = {row.clusters[0]: k for k, row in enumerate(rows) if row.person_id is None}
    answered, people = answered_people(gallery)
    person = np.full(len(seen), NO_PERSON, dtype=np.int64)
    inside = np.isin(answered, seen.id)
    person[np.searchsorted(seen.id, answered[inside])] = people[inside]
    return np.where(person >= 0, _rows_of(person, of_person), _rows_of(seen.cluster, of_cluster))


def _rows_of(keys: np.ndarray, row_of_key: dict[int, int]) -> np.ndarray:
    known = np.array(sorted(row_of_key), dtype=np.int64)
    if not len(known):
        return np.full(len(keys), NO_ROW, dtype=np.int64)
    index = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    rows = np.array([row_of_key[key] for key in known.tolist()], dtype=np.int64)
    return np.where(known[index] == keys, rows[index], NO_ROW)


def _pairs_said_to_differ(seen: ObservationTable, rows: Sequence[PeopleRow]) -> np.ndarray:
    """Pairs of rows that the user said are not one person: shape (k, 2), int64."""
    of_person = {row.person_id: k for k, row in enumerate(rows) if row.person_id is not None}
    of_cluster = {cluster: k for k, row in enumerate(rows) for cluster in row.clusters}
    cluster = seen.cluster[np.searchsorted(seen.id, seen.not_person[:, 0])]
    pairs = np.stack([_rows_of(cluster, of_cluster), _rows_of(seen.not_person[:, 1], of_person)], axis=1)
    return pairs[(pairs >= 0).all(axis=1)]


def _possible_split(split: DriftSplit, rows: Sequence[PeopleRow], years: YearSpans, ids: np.ndarray, seconds: np.ndarray) -> PossibleSplit:
    inside = np.isin(years.span_of_row, split.spans)
    return PossibleSplit(
        rows[split.person],
        tuple(np.unique(calendar_years(seconds[inside])).tolist()),
        tuple(ids[inside].tolist()),
        split.distance,
        split.intra_distance,
        rows[split.other] if split.other >= 0 else None,
        split.other_distance if split.other >= 0 else None,
    )


def _rejected(gallery: Gallery, split: PossibleSplit) -> bool:
    """Whether the user rejected each of these faces for the person they are nearer to."""
    if split.nearer is None:
        return False
    given = verdicts.verdicts_of(gallery, split.faces)
    return all(any(v.says == "not" and v.person_id == split.nearer.person_id for v in given.get(face, [])) for face in split.faces)


def _possible_merge(merge: DriftMerge, rows: Sequence[PeopleRow], years: YearSpans) -> PossibleMerge:
    last, first = calendar_years(np.array([years.last[merge.last_span], years.first[merge.first_span]])).tolist()
    return PossibleMerge(rows[merge.before], rows[merge.after], last, first, merge.distance)
