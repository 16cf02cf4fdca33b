"""The candidates of each face: the identities that take part in its sparse code, with their shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from facelib.recognition.identities import Identities


@dataclass(frozen=True, eq=False)
class Candidates:
    """Identities that take part in the sparse codes of faces, one entry each.

    Entries are in the order of the faces, and of one face by falling share; equal shares by person, then by cluster.

    Attributes
    ----------
    row : ndarray of shape (k,), int64, ascending
        The face.
    person : ndarray of shape (k,), int64
        NO_PERSON for an unnamed cluster.
    cluster : ndarray of shape (k,), int64
        The unnamed cluster, or that of the person's clusters with the largest share.
    share : ndarray of shape (k,), float64, 0..1
        Part of the sum of all coefficients; the shares of a face sum to 1.
    rank : ndarray of shape (k,), int64
        0 for the first candidate of a face.
    """

    row: np.ndarray
    person: np.ndarray
    cluster: np.ndarray
    share: np.ndarray
    rank: np.ndarray

    @staticmethod
    def of(row: np.ndarray, exemplar: np.ndarray, coefficient: np.ndarray, identities: Identities) -> Candidates:
        """Sum up coefficients by cluster, then by identity.

        Parameters
        ----------
        row, exemplar : ndarrays of shape (c,), int64
            The face and the exemplar of each coefficient.
        coefficient : ndarray of shape (c,), float64, > 0
        """
        m = len(identities.person_of_cluster) + 1
        keys, index = np.unique(row * m + identities.cluster_of_exemplar[exemplar], return_inverse=True)
        by_cluster = np.bincount(index, weights=coefficient, minlength=len(keys))
        row, cluster = np.divmod(keys, m)
        identity = identities.of_cluster[cluster]
        # The clusters of an identity follow one another, the one with the largest sum first.
        order = np.lexsort((cluster, -by_cluster, identity, row))
        row, cluster, identity, by_cluster = row[order], cluster[order], identity[order], by_cluster[order]
        first = np.ones(len(row), dtype=bool)
        first[1:] = (row[1:] != row[:-1]) | (identity[1:] != identity[:-1])
        total = np.bincount(row, weights=by_cluster)
        share = np.add.reduceat(by_cluster, np.flatnonzero(first)) / total[row[first]] if len(row) else by_cluster
        row, cluster, identity = row[first], cluster[first], identity[first]
        order = np.lexsort((identity, -share, row))
        row, cluster, share = row[order], cluster[order], share[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        return Candidates(row, identities.person_of_cluster[cluster], cluster, share, rank)

    @staticmethod
    def none(identities: Identities) -> Candidates:
        """The candidates of no face."""
        nothing = np.empty(0, dtype=np.int64)
        return Candidates.of(nothing, nothing, np.empty(0), identities)

    @staticmethod
    def concatenate(parts: Iterable[Candidates]) -> Candidates:
        """The candidates of all parts; the faces of each part come after those of the parts before it."""
        columns = zip(*((part.row, part.person, part.cluster, part.share, part.rank) for part in parts), strict=True)
        return Candidates(*(np.concatenate(column) for column in columns))

    @property
    def first_rows(self) -> np.ndarray:
        """Faces that have a candidate: ndarray of shape (r,), int64, ascending."""
        rows: np.ndarray = self.row[self.rank == 0]
        return rows

    def first_identity(self, identities: Identities) -> np.ndarray:
        """The identity key of the first candidate of each of :attr:`first_rows`: ndarray of shape (r,), int64."""
        keys: np.ndarray = identities.of_cluster[self.cluster[self.rank == 0]]
        return keys
