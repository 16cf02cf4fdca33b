"""The answer cache: what each answer depends on, and which answers a change makes stale. The tables are in facelib.store.answer_cache."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.recognition.answers import Answers
from facelib.recognition.identities import identity_keys
from facelib.recognition.invalidation import QuantizedVectors, least_other_cosine, may_be_stale
from facelib.records import NO_CLUSTER, NO_PERSON
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.store import incremental_queries
from facelib.store.answer_cache import read_records, record_type
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table
from facelib.store.verdicts import labels
from facelib.thresholds import Thresholds


def make_records(rows: ObservationTable, faces: np.ndarray, clusters: np.ndarray, answers: Answers, thresholds: Thresholds) -> np.ndarray:
    """The records to store for the answers of these rows.

    Parameters
    ----------
    clusters : ndarray of shape (m,), int64
        The cluster ids to which ``answers.cluster`` are indices.

    Returns
    -------
    structured array of shape (n,), of :func:`facelib.store.answer_cache.record_type`
    """
    records = np.zeros(len(rows), dtype=record_type(faces.shape[1]))
    records["id"], records["cluster"], records["verdict"] = rows.id, rows.cluster, rows.person
    records["first"] = identity_keys(answers.person, np.append(clusters, NO_CLUSTER)[answers.cluster])
    records["other_cosine"] = least_other_cosine(answers, thresholds)
    for name, of_rows in (("face", faces), ("residual", answers.residual_vector)):
        quantized = QuantizedVectors.of(of_rows)
        records[name], records[f"{name}_step"], records[f"{name}_error"] = quantized.numbers, quantized.step, quantized.error
    return records


@dataclass(frozen=True, eq=False)
class AnsweredRows:
    """Observations as they were when they were last answered, in the order of their ids.

    Attributes
    ----------
    id : ndarray of shape (n,), int64, ascending
    cluster : ndarray of shape (n,), int64, NO_CLUSTER for none
    verdict : ndarray of shape (n,), int64
        The person a verdict named, or NO_PERSON.
    """

    id: np.ndarray
    cluster: np.ndarray
    verdict: np.ndarray

    @staticmethod
    def read(gallery: Gallery, setup: Setup) -> AnsweredRows:
        """Read them from the answer cache."""
        dimension = setup.card(registry.FACE_EMBEDDER).dimension
        parts = [np.stack([part["id"], part["cluster"], part["verdict"]], axis=1) for part in read_records(gallery, dimension)]
        columns = np.concatenate([np.empty((0, 3), dtype=np.int64), *parts])
        return AnsweredRows(*columns[np.argsort(columns[:, 0], kind="stable")].T.copy())

    def verdict_changed(self, gallery: Gallery) -> np.ndarray:
        """Observations whose verdicts name another person than before, or none any longer: ndarray of shape (k,), int64, ascending."""
        observation, person = labels(gallery)
        known = np.isin(observation, self.id)
        verdict = np.full(len(self.id), NO_PERSON, dtype=np.int64)
        verdict[np.searchsorted(self.id, observation[known])] = person[known]
        changed: np.ndarray = self.id[verdict != self.verdict]
        return changed

    def cluster_changed(self, gallery: Gallery, clusters: np.ndarray) -> np.ndarray:
        """Observations that joined or left one of these clusters, shape (c,), int64: ndarray of shape (k,), int64, ascending."""
        members = incremental_queries.members(gallery, clusters)
        suspects = np.union1d(self.id[np.isin(self.cluster, clusters)], members[np.isin(members, self.id)])
        rows = table(gallery, suspects)
        changed: np.ndarray = rows.id[rows.cluster != self.cluster[np.searchsorted(self.id, rows.id)]]
        return changed


def changed_exemplars(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Exemplars that are in only one of two dictionaries, or whose cluster or person differs.

    Parameters
    ----------
    before, now : ndarray of shape (a, 3), int64
        As :attr:`facelib.store.dictionary.Dictionary.rows`.

    Returns
    -------
    ndarray of shape (k, 3), int64
        Rows of both; an exemplar with another cluster or person has two.
    """
    rows, count = np.unique(np.concatenate([before, now]), axis=0, return_counts=True)
    changed: np.ndarray = rows[count == 1]
    return changed


def stale_observations(gallery: Gallery, setup: Setup, changed: np.ndarray) -> np.ndarray | None:
    """Observations whose answers these changed exemplars may change.

    Parameters
    ----------
    changed : ndarray of shape (c, 3), int64
        As from :func:`changed_exemplars`.

    Returns
    -------
    ndarray of shape (k,), int64, or None
        None if it cannot be known, because an exemplar has no face embedding any more.
    """
    card = setup.card(registry.FACE_EMBEDDER)
    faces = vectors(gallery, "face", card, np.unique(changed[:, 0]), subset=True)
    if not np.any(faces, axis=1).all():
        return None
    identities = np.unique(identity_keys(changed[:, 2], changed[:, 1]))
    stale = [np.empty(0, dtype=np.int64)]
    for part in read_records(gallery, card.dimension) if len(changed) else ():
        face, residual = (QuantizedVectors(part[name], part[f"{name}_step"], part[f"{name}_error"]) for name in ("face", "residual"))
        first_changed = np.isin(part["first"], identities)
        stale.append(part["id"][may_be_stale(face, residual, part["other_cosine"], first_changed, faces, setup.thresholds)])
    return np.concatenate(stale)
