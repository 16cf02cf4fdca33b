"""Identities: what an exemplar is evidence for, the person who owns its cluster, or else the cluster itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.records import NO_IDENTITY


def identity_keys(person: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """One number for each person, and one for each cluster that no person owns.

    Parameters
    ----------
    person : ndarray of shape (n,), int64, NO_PERSON for none
    cluster : ndarray of shape (n,), int64, NO_CLUSTER for none
        Used only where there is no person.

    Returns
    -------
    ndarray of shape (n,), int64
        Even for persons, odd for clusters; NO_IDENTITY where there is neither.

    Examples
    --------
    >>> identity_keys(np.array([3, 3, -1, -1]), np.array([5, 6, 6, -1])).tolist()
    [6, 6, 13, -1]
    """
    person, cluster = np.asarray(person, dtype=np.int64), np.asarray(cluster, dtype=np.int64)
    return np.where(person >= 0, 2 * person, np.where(cluster >= 0, 2 * cluster + 1, NO_IDENTITY))


@dataclass(frozen=True, eq=False)
class Identities:
    """The identities of a dictionary's exemplars and clusters.

    Attributes
    ----------
    cluster_of_exemplar : ndarray of shape (a,), int64
        Indices into ``person_of_cluster``.
    person_of_cluster : ndarray of shape (m,), int64, NO_PERSON for none
    of_cluster, of_exemplar : ndarrays of shapes (m,) and (a,), int64
        Identity keys.
    grouped : ndarray of shape (a,), int64
        Exemplars, those of one identity together, by ascending key.
    grouped_keys : ndarray of shape (a,), int64, ascending
        Their identity keys.
    """

    cluster_of_exemplar: np.ndarray
    person_of_cluster: np.ndarray
    of_cluster: np.ndarray
    of_exemplar: np.ndarray
    grouped: np.ndarray
    grouped_keys: np.ndarray

    @staticmethod
    def of(cluster_of_exemplar: np.ndarray, person_of_cluster: np.ndarray) -> Identities:
        """From the first two attributes."""
        of_cluster = identity_keys(person_of_cluster, np.arange(len(person_of_cluster)))
        of_exemplar = of_cluster[cluster_of_exemplar]
        grouped = np.argsort(of_exemplar, kind="stable")
        return Identities(cluster_of_exemplar, person_of_cluster, of_cluster, of_exemplar, grouped, of_exemplar[grouped])

    def exemplars_of(self, key: int) -> np.ndarray:
        """The exemplars of one identity: ndarray of shape (k,), int64, ascending."""
        first, end = np.searchsorted(self.grouped_keys, key), np.searchsorted(self.grouped_keys, key, side="right")
        exemplars: np.ndarray = self.grouped[first:end]
        return exemplars

    def means(self, dictionary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The identities that have exemplars, and the means of these.

        Returns
        -------
        keys : ndarray of shape (k,), int64, ascending
        means : ndarray of shape (k, d), float32, rows of unit length
        """
        keys, first = np.unique(self.grouped_keys, return_index=True)
        sums = np.add.reduceat(dictionary[self.grouped], first, axis=0) if len(keys) else dictionary
        return keys, sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
