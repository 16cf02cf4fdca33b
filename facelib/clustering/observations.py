"""Observations as arrays: one row each, without any id of a database."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


def _none() -> np.ndarray:
    return np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Observations:
    """Observations as parallel arrays; checked once, here, and never changed.

    Attributes
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length
        Face embeddings; a row of zeros where no face was seen.
    bodies : ndarray of shape (n, b), float32, rows of unit length
        Upper-body embeddings; a row of zeros where no body was seen. ``b`` may be 0.
    photo : ndarray of shape (n,), int64
        Equal for observations of one photo.
    moment : ndarray of shape (n,), int64
        As from :func:`facelib.clustering.moments.cut_moments`; ``NO_MOMENT`` for none.
    reliability : ndarray of shape (n,), float32, 0..1
    person : ndarray of shape (n,), int64
        The person a user gave this observation to; ``NO_PERSON`` for none.
    anchor : ndarray of shape (n,), int64
        Rows with the same anchor stay in one cluster; ``NO_ANCHOR`` for none. Where two rows of one anchor were given to
        different persons, or a row was rejected for the person of its anchor, the row leaves the anchor.
    rejected : ndarray of shape (k, 2), int64
        Pairs (row, person): this observation is not that person.

    Raises
    ------
    ValueError
        If lengths differ, a row is neither zero nor of unit length, or an index is out of range.
    """

    faces: np.ndarray
    bodies: np.ndarray
    photo: np.ndarray
    moment: np.ndarray
    reliability: np.ndarray
    person: np.ndarray
    anchor: np.ndarray
    rejected: np.ndarray = field(default_factory=_none)

    def __post_init__(self) -> None:
        n = len(self.faces)
        for name in ("faces", "bodies"):
            object.__setattr__(self, name, _unit_rows(getattr(self, name), name, n))
        for name in ("photo", "moment", "person", "anchor"):
            values = np.asarray(getattr(self, name), dtype=np.int64)
            if values.shape != (n,):
                raise ValueError(f"{name} has shape {values.shape}, expected ({n},)")
            object.__setattr__(self, name, values)
        reliability = np.asarray(self.reliability, dtype=np.float32)
        if reliability.shape != (n,) or not np.all((reliability >= 0) & (reliability <= 1)):
            raise ValueError(f"reliability must be {n} numbers between 0 and 1")
        object.__setattr__(self, "reliability", reliability)
        rejected = np.asarray(self.rejected, dtype=np.int64).reshape(-1, 2)
        if len(rejected) and not (0 <= rejected[:, 0].min() and rejected[:, 0].max() < n and rejected[:, 1].min() >= 0):
            raise ValueError("rejected must hold pairs of a row and a person")
        object.__setattr__(self, "rejected", rejected)

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def has_face(self) -> np.ndarray:
        """Rows with a face: ndarray of shape (n,), bool."""
        return np.asarray(self.faces.any(axis=1))

    @property
    def has_body(self) -> np.ndarray:
        """Rows with a body: ndarray of shape (n,), bool."""
        return np.asarray(self.bodies.any(axis=1))

    def reliable(self, min_reliability: float) -> np.ndarray:
        """Rows with a face that is at least so reliable: ndarray of shape (n,), bool."""
        return self.has_face & (self.reliability >= np.float32(min_reliability))


def _unit_rows(values: np.ndarray, name: str, n: int) -> np.ndarray:
    rows = np.asarray(values, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != n:
        raise ValueError(f"{name} has shape {rows.shape}, expected ({n}, dimension)")
    squares = np.einsum("ij,ij->i", rows, rows)
    if not np.all((squares == 0) | (np.abs(squares - 1) < 1e-3)):
        raise ValueError(f"{name} must hold rows of unit length, or zeros for what was not seen")
    return rows
