"""People whose years drift apart: what time says about who is who, for the user to decide.

A face changes over years, a child's within one; yet neighbouring years of one person are alike, and lead from the first to the
last. So people are compared year by year. A person whose years fall into groups that nothing leads across may be two; two who
are never seen in the same years, and are alike where the one ends and the other begins, may be one who grew up.

Linkage itself knows nothing of time. Letting clusters years apart join at a larger distance, or those of the same weeks only at
a smaller one, gains no recall at equal precision that moving the cut would not, within a point either way, and mostly loses
some (``scripts/bench_drift.py``, families-dev with dates dealt at random and by looks): how alike two strangers are has nothing
to do with when they are seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.cluster import sum_by
from facelib.clustering.people import spread
from facelib.thresholds import Thresholds

MOST_YEARS = 3
"""Years of few faces are taken together, but not over more than so many."""
DAY = 86400.0
BLOCK = 512


@dataclass(frozen=True, eq=False)
class Stretches:
    """The years of people: each stretch is a calendar year, or a few years of few faces; by person, then in the order of time.

    Attributes
    ----------
    person : ndarray of shape (s,), int64
    first, last : ndarray of shape (s,), float64
        When its earliest and its latest face was seen, in seconds since 1970.
    sums : ndarray of shape (s, d), float32
        Sums of the unit vectors of its faces.
    counts : ndarray of shape (s,), int64
    of_row : ndarray of shape (n,), int64
        The stretch of each face it was made from; -1 for none.
    """

    person: np.ndarray
    first: np.ndarray
    last: np.ndarray
    sums: np.ndarray
    counts: np.ndarray
    of_row: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    @property
    def means(self) -> np.ndarray:
        """Mean vectors, shape (s, d): the product of two is the mean similarity of their faces."""
        found: np.ndarray = self.sums / self.counts[:, None].astype(np.float32)
        return found


@dataclass(frozen=True)
class Torn:
    """Years of one person that may be somebody else's.

    Attributes
    ----------
    person : int
    part : tuple of int
        The stretches that stand apart, in the order of time.
    distance : float
        Mean distance of the nearest two stretches of this part and the others.
    usual : float
        Mean distance within a stretch of that person.
    other : int
        The named person they are nearer to than to their own; -1 where they are only far.
    other_distance : float
        Mean distance to the nearest stretch of that one; infinity where there is none.
    """

    person: int
    part: tuple[int, ...]
    distance: float
    usual: float
    other: int
    other_distance: float


@dataclass(frozen=True)
class Continued:
    """Two people who may be one: the first is seen no more when the second begins, and their years that adjoin are alike.

    Attributes
    ----------
    before, after : int
        Persons.
    ends, begins : int
        The last stretch of the one and the first of the other.
    distance : float
        Mean distance between those two.
    """

    before: int
    after: int
    ends: int
    begins: int
    distance: float


def stretches(faces: np.ndarray, person: np.ndarray, seconds: np.ndarray, least: int) -> Stretches:
    """Cut the dated faces of each person into years.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    person : ndarray of shape (n,), int64; -1 for nobody's
    seconds : ndarray of shape (n,), float64
        Time of capture, since 1970-01-01 UTC; NaN where unknown: those are left out.
    least : int
        A stretch of fewer faces says nothing, and is left out.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    used = np.flatnonzero((np.asarray(person) >= 0) & np.isfinite(seconds) & np.any(faces, axis=1))
    used = used[np.lexsort((seconds[used], np.asarray(person)[used]))]
    year = calendar_years(seconds[used])
    groups, size = np.unique(np.stack([np.asarray(person)[used], year]), axis=1, return_counts=True)
    label = np.repeat(_taken_together(groups[0], groups[1], size, least), size)
    inside = label >= 0
    of_row = np.full(len(faces), -1, dtype=np.int64)
    of_row[used[inside]] = np.unique(label[inside], return_inverse=True)[1]
    rows, place = used[inside], of_row[used[inside]]
    s = int(place.max(initial=-1)) + 1
    sums, counts = sum_by(np.asarray(faces, dtype=np.float32)[rows], place, s)
    # Rows are in the order of time within a stretch, so its ends are its first and its last row.
    starts = np.searchsorted(place, np.arange(s))
    ends = np.searchsorted(place, np.arange(s), side="right") - 1
    return Stretches(np.asarray(person, dtype=np.int64)[rows[starts]], seconds[rows[starts]], seconds[rows[ends]], sums, counts, of_row)


def calendar_years(seconds: np.ndarray) -> np.ndarray:
    """The years, in UTC, of times in seconds since 1970: shape (n,), int64."""
    found: np.ndarray = np.asarray(seconds, dtype=np.float64).astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64)
    return found + 1970


def _taken_together(person: np.ndarray, year: np.ndarray, size: np.ndarray, least: int) -> np.ndarray:
    """A label for each year of each person, equal for those taken together, -1 for those left out: shape (k,), int64."""
    label = np.full(len(person), -1, dtype=np.int64)
    start, held = 0, 0
    for k in range(len(person)):
        if k and (person[k] != person[start] or year[k] - year[start] >= MOST_YEARS):
            start, held = k, 0
        held += int(size[k])
        if held >= least:
            label[start : k + 1] = start
            start, held = k + 1, 0
    return label


def torn(years: Stretches, named: np.ndarray, thresholds: Thresholds) -> list[Torn]:
    """People of whom some years may be somebody else's, the farthest apart first.

    Parameters
    ----------
    years : Stretches
    named : ndarray of shape (m,), bool
        Persons whom the user told apart by names: only to such a one can years be found to belong. An unnamed cluster that is
        near is more likely one more of the same person.
    thresholds : Thresholds
        Read: drift_far, drift_lead.

    Returns
    -------
    list of Torn
        Of each person's years, joined nearest first (single linkage, for they lead from one to the next), a part that is joined
        to the others only at ``drift_far`` or more; or one that is nearer to another named person, by ``drift_lead``.
    """
    means, found = years.means, []
    usual = _by_person(years)
    others, other_distance = _nearest_named(years, means, np.asarray(named, dtype=bool))
    for rows in np.split(np.arange(len(years)), np.flatnonzero(np.diff(years.person)) + 1):
        told: set[int] = set()
        for height, *sides in reversed(_joins(means[rows])):
            # The smaller side comes first: of two that are as far, it is the one in question.
            parts = sorted((rows[side] for side in sides), key=lambda part: int(years.counts[part].sum()))
            nearest = [part[np.argmin(other_distance[part])] for part in parts]
            lead = [height - other_distance[k] for k in nearest]
            which = int(lead[1] > lead[0] and lead[1] >= thresholds.drift_lead)
            nearer, part = lead[which] >= thresholds.drift_lead, parts[which].tolist()
            if (nearer or height >= thresholds.drift_far) and not told & set(part):
                told |= set(part)
                person, k = int(years.person[rows[0]]), nearest[which]
                other = (int(others[k]), float(other_distance[k])) if nearer else (-1, np.inf)
                found.append(Torn(person, tuple(sorted(part)), height, float(usual[person]), *other))
    return sorted(found, key=lambda each: (each.other_distance - each.distance, -each.distance))


def _joins(means: np.ndarray) -> list[tuple[float, list[int], list[int]]]:
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


def _by_person(years: Stretches) -> np.ndarray:
    """Mean distance within the stretches of each person, shape (m,)."""
    pairs = years.counts * (years.counts - 1.0)
    m = int(years.person.max(initial=-1)) + 1
    total = np.bincount(years.person, spread(years.sums, years.counts) * pairs, minlength=m)
    return total / np.maximum(np.bincount(years.person, pairs, minlength=m), 1)


def _nearest_named(years: Stretches, means: np.ndarray, named: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each stretch the nearest other named person, -1 for none, and the distance: two arrays of shape (s,)."""
    other, distance = np.full(len(years), -1, dtype=np.int64), np.full(len(years), np.inf)
    candidates = np.flatnonzero(named[years.person]) if len(years) else np.empty(0, dtype=np.int64)
    if not len(candidates):
        return other, distance
    for start in range(0, len(years), BLOCK):
        block = 1 - means[start : start + BLOCK] @ means[candidates].T
        block[years.person[start : start + BLOCK, None] == years.person[candidates][None]] = np.inf
        spot = block.argmin(axis=1)
        distance[start : start + BLOCK] = block[np.arange(len(block)), spot]
        other[start : start + BLOCK] = years.person[candidates[spot]]
    return np.where(np.isfinite(distance), other, -1), distance


def continued(
    years: Stretches, extent: np.ndarray, named: np.ndarray, apart: np.ndarray, thresholds: Thresholds
) -> list[Continued]:
    """Pairs of people who may be one person at different ages, the nearest first.

    Parameters
    ----------
    years : Stretches
    extent : ndarray of shape (m, 2), float64
        When each person is seen first and last, by all dated faces; NaN where none is dated.
    named : ndarray of shape (m,), bool
        Two with a name each are two people.
    apart : ndarray of shape (k, 2), int64
        Pairs of persons the user said are not one.
    thresholds : Thresholds
        Read: drift_reach, drift_clear, drift_days.

    Returns
    -------
    list of Continued
        The one is never seen once the other is, each is seen over ``drift_days`` or more, their adjoining years are nearer than
        ``drift_reach``, and those of anybody else are farther from either, by ``drift_clear``: what pass 2 has left apart and
        is near all the same is more often kin.
    """
    m = len(extent)
    start, end = np.full(m, -1, dtype=np.int64), np.full(m, -1, dtype=np.int64)
    start[years.person[::-1]] = np.arange(len(years))[::-1]
    end[years.person] = np.arange(len(years))
    long = (start >= 0) & (extent[:, 1] - extent[:, 0] >= thresholds.drift_days * DAY)
    people, means = np.flatnonzero(long), years.means
    rivals = _Rivals.of(years, means, np.union1d(start[people], end[people]))
    forbidden = {(min(a, b), max(a, b)) for a, b in np.asarray(apart).tolist()}
    found = []
    for offset in range(0, len(people), BLOCK):
        before = people[offset : offset + BLOCK]
        block = 1 - means[end[before]] @ means[start[people]].T
        allowed = (extent[before, 1][:, None] < extent[people, 0][None]) & ~(named[before][:, None] & named[people][None])
        rival = np.minimum(rivals.distance(end[before][:, None], people[None]), rivals.distance(start[people][None], before[:, None]))
        allowed &= block + thresholds.drift_clear <= rival
        for i, j in np.argwhere(allowed & (block < thresholds.drift_reach)).tolist():
            a, b = int(before[i]), int(people[j])
            if (min(a, b), max(a, b)) not in forbidden:
                found.append(Continued(a, b, int(end[a]), int(start[b]), float(block[i, j])))
    return sorted(found, key=lambda each: each.distance)


@dataclass(frozen=True, eq=False)
class _Rivals:
    """For stretches the nearest other person, that one's mean distance, and the next person's: three arrays of shape (s,)."""

    nearest: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @staticmethod
    def of(years: Stretches, means: np.ndarray, rows: np.ndarray) -> _Rivals:
        """Only of these stretches, at a cost of rows times all; the others have none."""
        nearest, first, second = np.full(len(years), -1, dtype=np.int64), np.full(len(years), np.inf), np.full(len(years), np.inf)
        for offset in range(0, len(rows), BLOCK):
            part = rows[offset : offset + BLOCK]
            block = 1 - means[part] @ means.T
            block[years.person[part, None] == years.person[None]] = np.inf
            spot = block.argmin(axis=1)
            first[part], nearest[part] = block[np.arange(len(part)), spot], years.person[spot]
            block[nearest[part][:, None] == years.person[None]] = np.inf
            second[part] = block.min(axis=1)
        return _Rivals(nearest, first, second)

    def distance(self, rows: np.ndarray, person: np.ndarray) -> np.ndarray:
        """How far from these stretches the nearest is who is not that person; the arguments are broadcast."""
        return np.where(self.nearest[rows] == person, self.second[rows], self.first[rows])
