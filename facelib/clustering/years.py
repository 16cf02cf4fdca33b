"""The years of people: the dated faces of each person, summed by calendar year, so that years can be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering.sums import sum_by_label

MAX_YEARS = 3
"""Years of few faces are taken together, but not over more than so many."""
NO_SPAN = -1
"""In arrays of spans: the face is in none, because it has no date or its year has too few faces."""


@dataclass(frozen=True, eq=False)
class YearSpans:
    """The years of people: each span is a calendar year, or a few years of few faces; by person, then in the order of time.

    Attributes
    ----------
    person : ndarray of shape (s,), int64
    first, last : ndarray of shape (s,), float64
        When its earliest and its latest face was seen, in seconds since 1970.
    sums : ndarray of shape (s, d), float32
        Sums of the unit vectors of its faces.
    counts : ndarray of shape (s,), int64
    span_of_row : ndarray of shape (n,), int64
        The span of each face it was made from; ``NO_SPAN`` for none.
    """

    person: np.ndarray
    first: np.ndarray
    last: np.ndarray
    sums: np.ndarray
    counts: np.ndarray
    span_of_row: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    @property
    def means(self) -> np.ndarray:
        """Mean vectors, shape (s, d): the product of two is the mean similarity of their faces."""
        means: np.ndarray = self.sums / self.counts[:, None].astype(np.float32)
        return means


def year_spans(faces: np.ndarray, person: np.ndarray, seconds: np.ndarray, min_faces: int) -> YearSpans:
    """Cut the dated faces of each person into years.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    person : ndarray of shape (n,), int64
        ``NO_PERSON`` for none.
    seconds : ndarray of shape (n,), float64
        Time of capture, since 1970-01-01 UTC; NaN where unknown: those are left out.
    min_faces : int
        A span of fewer faces is left out.
    """
    seconds = np.asarray(seconds, dtype=np.float64)
    used = np.flatnonzero((np.asarray(person) >= 0) & np.isfinite(seconds) & np.any(faces, axis=1))
    used = used[np.lexsort((seconds[used], np.asarray(person)[used]))]
    year = calendar_years(seconds[used])
    groups, size = np.unique(np.stack([np.asarray(person)[used], year]), axis=1, return_counts=True)
    label = np.repeat(_combined(groups[0], groups[1], size, min_faces), size)
    inside = label >= 0
    span_of_row = np.full(len(faces), NO_SPAN, dtype=np.int64)
    span_of_row[used[inside]] = np.unique(label[inside], return_inverse=True)[1]
    rows, span = used[inside], span_of_row[used[inside]]
    s = int(span.max(initial=-1)) + 1
    sums, counts = sum_by_label(np.asarray(faces, dtype=np.float32)[rows], span, s)
    # Rows are in the order of time within a span, so its ends are its first and its last row.
    starts = np.searchsorted(span, np.arange(s))
    ends = np.searchsorted(span, np.arange(s), side="right") - 1
    person = np.asarray(person, dtype=np.int64)[rows[starts]]
    return YearSpans(person, seconds[rows[starts]], seconds[rows[ends]], sums, counts, span_of_row)


def calendar_years(seconds: np.ndarray) -> np.ndarray:
    """The years, in UTC, of times in seconds since 1970: shape (n,), int64.

    Examples
    --------
    >>> calendar_years(np.array([0.0, 1e9])).tolist()
    [1970, 2001]
    """
    years: np.ndarray = np.asarray(seconds, dtype=np.float64).astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64)
    return years + 1970


def _combined(person: np.ndarray, year: np.ndarray, size: np.ndarray, min_faces: int) -> np.ndarray:
    """A label for each year of each person, equal for years taken together, ``NO_SPAN`` for those left out: shape (k,), int64."""
    label = np.full(len(person), NO_SPAN, dtype=np.int64)
    start, faces = 0, 0
    for k in range(len(person)):
        if k and (person[k] != person[start] or year[k] - year[start] >= MAX_YEARS):
            start, faces = k, 0
        faces += int(size[k])
        if faces >= min_faces:
            label[start : k + 1] = start
            start, faces = k + 1, 0
    return label
