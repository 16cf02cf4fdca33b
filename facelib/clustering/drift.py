"""Drift over the years: years of one person that may be another's, and two people who may be one. Suggestions; the user decides.

A face changes over years, and a child's within one. Yet neighbouring years of one person are alike, so a chain of near years
connects the first with the last. So people are compared year by year. A person whose years fall into groups that no chain
connects may be two. Two people who are never seen in the same years, and are alike where the one ends and the other begins, may
be one who grew up.

Linkage itself ignores time. A larger threshold for clusters that are years apart, or a smaller one for clusters of the same weeks,
gains no recall at equal precision over a single threshold (``scripts/bench_drift.py``, families-dev with dates drawn at random and
by similarity): how alike two strangers are has nothing to do with when they are seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.sums import intra_distances
from facelib.clustering.years import NO_SPAN, YearSpans
from facelib.records import NO_PERSON
from facelib.thresholds import Thresholds

DAY = 86400.0
BLOCK = 512


@dataclass(frozen=True)
class DriftSplit:
    """Years of one person that may be another's.

    Attributes
    ----------
    person : int
    spans : tuple of int
        The spans in question, in the order of time.
    distance : float
        Mean distance of the nearest two spans of these and the others.
    intra_distance : float
        Mean distance within a span of that person.
    other : int
        The named person they are nearer to than to their own; ``NO_PERSON`` where they are only far.
    other_distance : float
        Mean distance to the nearest span of that person; infinity where there is none.
    """

    person: int
    spans: tuple[int, ...]
    distance: float
    intra_distance: float
    other: int
    other_distance: float


@dataclass(frozen=True)
class DriftMerge:
    """Two people who may be one: the second is first seen after the first is last seen, and the adjoining years are alike.

    Attributes
    ----------
    before, after : int
        Persons.
    last_span, first_span : int
        The last span of the one and the first of the other.
    distance : float
        Mean distance between those two.
    """

    before: int
    after: int
    last_span: int
    first_span: int
    distance: float


def find_splits(years: YearSpans, named: np.ndarray, thresholds: Thresholds) -> list[DriftSplit]:
    """People of whom some years may be another's, the farthest apart first.

    Parameters
    ----------
    years : YearSpans
    named : ndarray of shape (m,), bool
        Which persons have a name. Only these can be the other person: an unnamed cluster that is near is more likely one more of
        the same person.
    thresholds : Thresholds
        Read: drift_far, drift_lead.

    Returns
    -------
    list of DriftSplit
        Each person's years are joined nearest first (single linkage, because each year is like the next). Listed are years that
        join the others only at ``drift_far`` or more, or that are nearer to another named person by ``drift_lead``.
    """
    means, splits = years.means, []
    within = _intra_distance_of_person(years)
    others, other_distance = _nearest_named(years, means, np.asarray(named, dtype=bool))
    for rows in np.split(np.arange(len(years)), np.flatnonzero(np.diff(years.person)) + 1):
        listed: set[int] = set()
        for height, *sides in reversed(_single_linkage(means[rows])):
            # The smaller side comes first: if both sides are equally suspect, it is the one in question.
            parts = sorted((rows[side] for side in sides), key=lambda part: int(years.counts[part].sum()))
            nearest = [part[np.argmin(other_distance[part])] for part in parts]
            lead = [height - other_distance[k] for k in nearest]
            which = int(lead[1] > lead[0] and lead[1] >= thresholds.drift_lead)
            nearer, part = lead[which] >= thresholds.drift_lead, parts[which].tolist()
            if (nearer or height >= thresholds.drift_far) and not listed & set(part):
                listed |= set(part)
                person, k = int(years.person[rows[0]]), nearest[which]
                other = (int(others[k]), float(other_distance[k])) if nearer else (NO_PERSON, np.inf)
                splits.append(DriftSplit(person, tuple(sorted(part)), height, float(within[person]), *other))
    return sorted(splits, key=lambda split: (split.other_distance - split.distance, -split.distance))


def _single_linkage(means: np.ndarray) -> list[tuple[float, list[int], list[int]]]:
    """Single linkage by mean distance: the height of each join and the rows on its two sides, the lowest first."""
    distance = (1 - means @ means.T).astype(np.float64)
    sides = {k: [k] for k in range(len(means))}
    owner = list(range(len(means)))
    first, second = np.triu_indices(len(means), 1)
    joins = []
    for k in np.argsort(distance[first, second], kind="stable").tolist():
        a, b = owner[first[k]], owner[second[k]]
        if a != b:
            joins.append((float(distance[first[k], second[k]]), sides[a], sides[b]))
            sides[a] = sides[a] + sides.pop(b)
            for row in sides[a]:
                owner[row] = a
            if len(sides) == 1:
                break
    return joins


def _intra_distance_of_person(years: YearSpans) -> np.ndarray:
    """Mean distance within the spans of each person, shape (m,)."""
    pairs = years.counts * (years.counts - 1.0)
    m = int(years.person.max(initial=-1)) + 1
    total = np.bincount(years.person, intra_distances(years.sums, years.counts) * pairs, minlength=m)
    return total / np.maximum(np.bincount(years.person, pairs, minlength=m), 1)


def _nearest_named(years: YearSpans, means: np.ndarray, named: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each span the nearest other named person, ``NO_PERSON`` for none, and the distance: two arrays of shape (s,)."""
    other, distance = np.full(len(years), NO_PERSON, dtype=np.int64), np.full(len(years), np.inf)
    candidates = np.flatnonzero(named[years.person]) if len(years) else np.empty(0, dtype=np.int64)
    if not len(candidates):
        return other, distance
    for start in range(0, len(years), BLOCK):
        block = 1 - means[start : start + BLOCK] @ means[candidates].T
        block[years.person[start : start + BLOCK, None] == years.person[candidates][None]] = np.inf
        column = block.argmin(axis=1)
        distance[start : start + BLOCK] = block[np.arange(len(block)), column]
        other[start : start + BLOCK] = years.person[candidates[column]]
    return np.where(np.isfinite(distance), other, NO_PERSON), distance


def find_merges(
    years: YearSpans, extent: np.ndarray, named: np.ndarray, cannot_link: np.ndarray, thresholds: Thresholds
) -> list[DriftMerge]:
    """Pairs of people who may be one person at different ages, the nearest first.

    Parameters
    ----------
    years : YearSpans
    extent : ndarray of shape (m, 2), float64
        When each person is seen first and last, by all dated faces; NaN where none is dated.
    named : ndarray of shape (m,), bool
        Two with a name each are two people.
    cannot_link : ndarray of shape (k, 2), int64
        Pairs of persons that the user called different.
    thresholds : Thresholds
        Read: drift_reach, drift_clear, drift_days.

    Returns
    -------
    list of DriftMerge
        The first is last seen before the second is first seen; each is seen over ``drift_days`` or more; their adjoining years
        are nearer than ``drift_reach``; and those of any other person are farther from either by ``drift_clear``: a pair that
        pass 2 left apart although it is near is more often kin.
    """
    m = len(extent)
    first_span, last_span = np.full((2, m), NO_SPAN, dtype=np.int64)
    first_span[years.person[::-1]] = np.arange(len(years))[::-1]
    last_span[years.person] = np.arange(len(years))
    long = (first_span >= 0) & (extent[:, 1] - extent[:, 0] >= thresholds.drift_days * DAY)
    people, means = np.flatnonzero(long), years.means
    rivals = _Rivals.of(years, means, np.union1d(first_span[people], last_span[people]))
    forbidden = {(min(a, b), max(a, b)) for a, b in np.asarray(cannot_link).tolist()}
    merges = []
    for offset in range(0, len(people), BLOCK):
        before = people[offset : offset + BLOCK]
        block = 1 - means[last_span[before]] @ means[first_span[people]].T
        allowed = (extent[before, 1][:, None] < extent[people, 0][None]) & ~(named[before][:, None] & named[people][None])
        of_before = rivals.distance(last_span[before][:, None], people[None])
        of_after = rivals.distance(first_span[people][None], before[:, None])
        allowed &= block + thresholds.drift_clear <= np.minimum(of_before, of_after)
        for i, j in np.argwhere(allowed & (block < thresholds.drift_reach)).tolist():
            a, b = int(before[i]), int(people[j])
            if (min(a, b), max(a, b)) not in forbidden:
                merges.append(DriftMerge(a, b, int(last_span[a]), int(first_span[b]), float(block[i, j])))
    return sorted(merges, key=lambda merge: merge.distance)


@dataclass(frozen=True, eq=False)
class _Rivals:
    """For each span the nearest other person, the mean distance to that person, and to the second nearest: arrays of shape (s,)."""

    nearest: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @staticmethod
    def of(years: YearSpans, means: np.ndarray, rows: np.ndarray) -> _Rivals:
        """Of the spans ``rows``, shape (k,), at a cost of k times all; the other spans have no rivals."""
        nearest, first, second = np.full(len(years), NO_PERSON), np.full(len(years), np.inf), np.full(len(years), np.inf)
        for offset in range(0, len(rows), BLOCK):
            chunk = rows[offset : offset + BLOCK]
            block = 1 - means[chunk] @ means.T
            block[years.person[chunk, None] == years.person[None]] = np.inf
            column = block.argmin(axis=1)
            first[chunk], nearest[chunk] = block[np.arange(len(chunk)), column], years.person[column]
            block[nearest[chunk][:, None] == years.person[None]] = np.inf
            second[chunk] = block.min(axis=1)
        return _Rivals(nearest, first, second)

    def distance(self, rows: np.ndarray, person: np.ndarray) -> np.ndarray:
        """Mean distance of spans to the nearest other person who is not ``person``; the arguments have shapes that broadcast."""
        return np.where(self.nearest[rows] == person, self.second[rows], self.first[rows])
