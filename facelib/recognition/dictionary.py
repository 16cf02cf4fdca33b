"""The dictionary: exemplars of people, named or not, and of strangers to compare them with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.clustering import people
from facelib.recognition import exemplars
from facelib.recognition.exemplars import choose_exemplars, exemplar_budget
from facelib.records import NO_CLUSTER
from facelib.thresholds import Thresholds

READS = tuple(sorted({*people.READS, *exemplars.READS, "strangers", "pair_threshold"}))
_PRODUCTS = 16_000_000
"""Products of faces computed together: bounds the memory they take."""


@dataclass(frozen=True, eq=False)
class ClusteredFaces:
    """Faces, and the clusters they are in: what a dictionary is chosen from.

    Attributes
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (n,), int64, 0.. or NO_CLUSTER
    reliability : ndarray of shape (n,), 0..1
    seconds : ndarray of shape (n,), float64
        Time of capture; NaN where unknown.
    person : ndarray of shape (m,), int64
        The person who owns each cluster, or NO_PERSON.
    confirmed : ndarray of shape (n,), bool, optional
        Whether a user gave the face to its person; None where no face was.
    """

    faces: np.ndarray
    clusters: np.ndarray
    reliability: np.ndarray
    seconds: np.ndarray
    person: np.ndarray
    confirmed: np.ndarray | None = None

    def usable(self, thresholds: Thresholds) -> np.ndarray:
        """Reliable faces in clusters: ndarray of shape (n,), bool."""
        usable: np.ndarray = (self.clusters >= 0) & np.any(self.faces, axis=1)
        return usable & (np.asarray(self.reliability) >= thresholds.min_reliability)

    def count(self, rows: np.ndarray) -> np.ndarray:
        """How many of these rows, all of them in clusters, each cluster holds: ndarray of shape (m,), int64."""
        return np.bincount(self.clusters[rows], minlength=len(self.person))

    def eligible(self, usable: np.ndarray) -> np.ndarray:
        """How many faces of each cluster may be exemplars, confirmed ones even if unreliable: ndarray of shape (m,), int64."""
        return self.count(usable if self.confirmed is None else usable | (self.confirmed & (self.clusters >= 0)))

    def in_clusters(self, chosen: np.ndarray) -> np.ndarray:
        """Rows in the ``chosen`` clusters, shape (m,), bool: ndarray of shape (n,), bool."""
        return np.where(self.clusters >= 0, np.append(chosen, False)[self.clusters], False)


def build_dictionary(library: ClusteredFaces, thresholds: Thresholds) -> np.ndarray:
    """Choose the dictionary of a library.

    People get exemplars (:func:`~facelib.recognition.exemplars.choose_exemplars`). A face is recognised by being less like all
    others: with one person in the dictionary, every face would be that person. So faces of passers-by are in the dictionary too
    (:func:`choose_strangers`).

    Parameters
    ----------
    library : ClusteredFaces
    thresholds : Thresholds
        Read: those named in :data:`READS`.

    Returns
    -------
    ndarray of shape (k,), int64
        Rows: the exemplars, then the strangers.
    """
    usable = library.usable(thresholds)
    large = _large(library, usable, thresholds)
    person = large & _people_among(library, large, thresholds)
    budget = exemplar_budget(np.where(person, library.eligible(usable), 0), library.person >= 0, thresholds)
    chosen = _choose_exemplars(library, np.where(person, budget, 0), thresholds)
    named = chosen[library.person[library.clusters[chosen]] >= 0]
    passers_by = np.flatnonzero(usable & library.in_clusters(~large))
    strangers = passers_by[choose_strangers(library.faces[passers_by], library.faces[named], thresholds)]
    return np.concatenate([chosen, strangers])


def update_dictionary(library: ClusteredFaces, changed: np.ndarray, current: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Choose exemplars of the changed clusters only, as many as the other clusters leave room for.

    Parameters
    ----------
    library : ClusteredFaces
        All faces of the changed clusters; of the other clusters their exemplars.
    changed : ndarray of shape (m,), bool
    current : ndarray of shape (n,), bool
        The present exemplars, including those of the changed clusters.

    Returns
    -------
    ndarray of shape (k,), int64
        Rows of changed clusters, as :func:`build_dictionary` gives.
    """
    usable = library.usable(thresholds)
    large = _large(library, usable, thresholds)
    current = current & (library.clusters >= 0)
    before = library.count(current)
    # A cluster with so many exemplars counted as a person when all its faces were read, and still does.
    person = _people_among(library, large, thresholds) | (before >= thresholds.min_cluster_size)
    budget = np.where(person & changed & large, np.minimum(library.eligible(usable), thresholds.exemplars), 0)
    if budget.sum() > thresholds.dictionary - int(before[~changed].sum()):
        budget = np.minimum(budget, np.maximum(before, library.person >= 0))
    chosen = _choose_exemplars(library, budget, thresholds)
    named = np.flatnonzero(current)
    named = named[library.person[library.clusters[named]] >= 0]
    passers_by = np.flatnonzero(usable & library.in_clusters(changed & ~large))
    strangers = passers_by[choose_strangers(library.faces[passers_by], library.faces[named], thresholds)]
    room = thresholds.strangers - int(before[~changed & ~large].sum())
    return np.concatenate([chosen, strangers[: max(room, 0)]])


def _large(library: ClusteredFaces, usable: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Clusters that are named, or may be people by the number of their reliable faces: ndarray of shape (m,), bool."""
    large: np.ndarray = (library.count(usable) >= thresholds.min_cluster_size) | (library.person >= 0)
    return large


def _people_among(library: ClusteredFaces, subset: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """:func:`facelib.clustering.people.people` with only a subset of the clusters as neighbours: ndarray of shape (m,), bool."""
    number = np.append(np.cumsum(subset) - 1, NO_CLUSTER)
    inside = np.where(library.in_clusters(subset), number[library.clusters], NO_CLUSTER)
    is_person = np.zeros(len(library.person), dtype=bool)
    is_person[subset] = people.people(library.faces, inside, library.reliability, library.person[subset], thresholds)
    return is_person


def _choose_exemplars(library: ClusteredFaces, budget: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    return choose_exemplars(library.faces, library.clusters, library.reliability, library.seconds, thresholds, library.confirmed, budget)


def choose_strangers(strangers: np.ndarray, named: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """The strangers' faces that are most like named people: they are the ones most likely to be mistaken for them.

    A face within ``pair_threshold`` of an exemplar of a named person may well be that person, so it is left out.

    Parameters
    ----------
    strangers : ndarray of shape (k, d), float32, rows of unit length
    named : ndarray of shape (a, d), float32, rows of unit length
        Exemplars of named people.

    Returns
    -------
    ndarray of int64, at most ``thresholds.strangers``
        Rows of ``strangers``, ascending; none without a named person.
    """
    if not len(named) or not len(strangers):
        return np.empty(0, dtype=np.int64)
    block = max(1, _PRODUCTS // len(named))
    distance = 1 - np.concatenate([(strangers[k : k + block] @ named.T).max(axis=1) for k in range(0, len(strangers), block)])
    others = np.flatnonzero(distance >= thresholds.pair_threshold)
    return np.sort(others[np.argsort(distance[others], kind="stable")][: thresholds.strangers])
