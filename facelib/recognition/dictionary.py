"""Who is in the dictionary: people, with a name or without, and strangers to compare with."""

from __future__ import annotations

import numpy as np

from facelib.clustering import people
from facelib.recognition import exemplars
from facelib.recognition.exemplars import choose_exemplars, rations
from facelib.thresholds import Thresholds

READS = tuple(sorted({*people.READS, *exemplars.READS, "strangers", "pair_threshold"}))


def compose(
    faces: np.ndarray,
    clusters: np.ndarray,
    reliability: np.ndarray,
    seconds: np.ndarray,
    person: np.ndarray,
    thresholds: Thresholds,
    confirmed: np.ndarray | None = None,
) -> np.ndarray:
    """Choose the rows of the dictionary.

    A face is only as sure to be somebody's as it is not somebody else's: with one person in the dictionary everybody would
    be that one. So the faces of passers-by are in it too (:func:`strangers`).

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (n,), int64, 0.. or -1
    reliability : ndarray of shape (n,), 0..1
    seconds : ndarray of shape (n,), float64
    person : ndarray of shape (m,), int64
        The person of each cluster, -1 for none.
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    confirmed : ndarray of shape (n,), bool, optional

    Returns
    -------
    ndarray of shape (k,), int64
        Rows; of the strangers' one each.
    """
    m = len(person)
    usable = (clusters >= 0) & np.any(faces, axis=1) & (np.asarray(reliability) >= thresholds.min_reliability)
    size = np.bincount(clusters[usable], minlength=m)
    large = (size >= thresholds.min_cluster_size) | (person >= 0)
    chosen = large & people_among(faces, clusters, reliability, person, large, thresholds)
    counted = given(usable, clusters, confirmed)
    most = rations(np.where(chosen, np.bincount(clusters[counted], minlength=m), 0), person >= 0, thresholds)
    held = np.where(clusters >= 0, np.append(chosen, False)[clusters], False)
    atoms = choose_exemplars(faces, np.where(held, clusters, -1), reliability, seconds, thresholds, confirmed, most)
    loose = np.flatnonzero(usable & ~np.append(large, False)[clusters])
    named = atoms[person[clusters[atoms]] >= 0] if len(atoms) else atoms
    return np.concatenate([atoms, loose[strangers(faces[loose], faces[named], thresholds)]])


def given(usable: np.ndarray, clusters: np.ndarray, confirmed: np.ndarray | None) -> np.ndarray:
    """Rows that may be exemplars of their clusters, shape (n,), bool: a confirmed face counts though it is not reliable."""
    return usable if confirmed is None else usable | (confirmed & (clusters >= 0))


def people_among(
    faces: np.ndarray, clusters: np.ndarray, reliability: np.ndarray, person: np.ndarray, some: np.ndarray, thresholds: Thresholds
) -> np.ndarray:
    """:func:`facelib.clustering.people.people` with only ``some`` of the clusters as neighbours: ndarray of shape (m,), bool."""
    number = np.append(np.cumsum(some) - 1, -1)
    inside = np.where((clusters >= 0) & np.append(some, False)[clusters], number[clusters], -1)
    found = np.zeros(len(person), dtype=bool)
    found[some] = people.people(faces, inside, reliability, person[some], thresholds)
    return found


def strangers(loose: np.ndarray, named: np.ndarray, thresholds: Thresholds) -> np.ndarray:
    """Which faces of nobody in particular are worth comparing with.

    One within ``pair_threshold`` of an exemplar of a named person may well be that person and takes no side. Of the others the
    nearest to named people come first: they are the ones to be mistaken for them.

    Parameters
    ----------
    loose : ndarray of shape (k, d), float32, rows of unit length
    named : ndarray of shape (a, d), float32, rows of unit length

    Returns
    -------
    ndarray of int64, at most ``strangers``
        Rows of ``loose``, ascending; none without a named person.
    """
    if not len(named) or not len(loose):
        return np.empty(0, dtype=np.int64)
    block = max(1, 16_000_000 // len(named))
    distance = 1 - np.concatenate([(loose[k : k + block] @ named.T).max(axis=1) for k in range(0, len(loose), block)])
    apart = np.flatnonzero(distance >= thresholds.pair_threshold)
    return np.sort(apart[np.argsort(distance[apart], kind="stable")][: thresholds.strangers])
