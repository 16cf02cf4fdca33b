"""What the answers of a library were made from, row by row, and which of them a changed dictionary may change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.recognition.identify import Answers
from facelib.recognition.invalidation import Rough, may_change, stranger
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.store import clusters, incremental_queries
from facelib.store.answer_cache import codes, record
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table
from facelib.store.verdicts import labels
from facelib.thresholds import Thresholds


def records(rows: ObservationTable, faces: np.ndarray, ids: np.ndarray, answers: Answers, thresholds: Thresholds) -> np.ndarray:
    """What :func:`facelib.store.answer_cache.put_codes` keeps of these answers; ``ids`` are the clusters they speak of, by place."""
    found = np.zeros(len(rows), dtype=record(faces.shape[1]))
    found["id"], found["cluster"], found["said"] = rows.id, rows.cluster, rows.person
    cluster = np.append(ids, -1)[answers.cluster]
    found["first"] = owner_keys(cluster, answers.person)
    found["stranger"] = stranger(answers, thresholds)
    for name, of_rows in (("face", faces), ("rest", answers.rest)):
        rough = Rough.of(of_rows)
        found[name], found[f"{name}_step"], found[f"{name}_error"] = rough.numbers, rough.step, rough.error
    return found


def owner_keys(cluster: np.ndarray, person: np.ndarray) -> np.ndarray:
    """A number for each person, and for each cluster of nobody; -1 for neither. Shape (n,), int64."""
    return np.where(person >= 0, 2 * person, np.where(cluster >= 0, 2 * cluster + 1, -1))


@dataclass(frozen=True, eq=False)
class Held:
    """Of which cluster each observation was, and who it was said to be, when it was last answered; by observation."""

    id: np.ndarray
    cluster: np.ndarray
    said: np.ndarray

    @staticmethod
    def of(gallery: Gallery, setup: Setup) -> Held:
        dimension = setup.card(registry.FACE_EMBEDDER).dimension
        parts = [np.stack([part["id"], part["cluster"], part["said"]], axis=1) for part in codes(gallery, dimension)]
        columns = np.concatenate([np.empty((0, 3), dtype=np.int64), *parts])
        return Held(*columns[np.argsort(columns[:, 0], kind="stable")].T.copy())

    def respoken(self, gallery: Gallery) -> np.ndarray:
        """Observations who are said to be somebody else now, or nobody any longer: ndarray of int64, ascending."""
        observation, person = labels(gallery)
        there = np.isin(observation, self.id)
        now = np.full(len(self.id), -1, dtype=np.int64)
        now[np.searchsorted(self.id, observation[there])] = person[there]
        found: np.ndarray = self.id[now != self.said]
        return found

    def moved(self, gallery: Gallery, mixed: np.ndarray) -> np.ndarray:
        """Observations that came to one of these clusters, or left it: ndarray of int64, ascending."""
        members = incremental_queries.members(gallery, mixed)
        suspects = np.union1d(self.id[np.isin(self.cluster, mixed)], members[np.isin(members, self.id)])
        rows = table(gallery, suspects)
        found: np.ndarray = rows.id[rows.cluster != self.cluster[np.searchsorted(self.id, rows.id)]]
        return found


def changed_atoms(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Exemplars (observation, cluster, person) of only one of two dictionaries: ndarray of shape (k, 3), int64."""
    every, count = np.unique(np.concatenate([before, now]), axis=0, return_counts=True)
    found: np.ndarray = every[count == 1]
    return found


def touched(gallery: Gallery, setup: Setup, changed: np.ndarray) -> np.ndarray | None:
    """Observations whose answer exemplars that changed may change: ndarray of int64. None where it cannot be told."""
    card = setup.card(registry.FACE_EMBEDDER)
    faces = vectors(gallery, "face", card, np.unique(changed[:, 0]), some=True)
    if not np.any(faces, axis=1).all():
        return None
    owners = np.unique(owner_keys(changed[:, 1], changed[:, 2]))
    found = [np.empty(0, dtype=np.int64)]
    for part in codes(gallery, card.dimension) if len(changed) else ():
        face, rest = (Rough(part[name], part[f"{name}_step"], part[f"{name}_error"]) for name in ("face", "rest"))
        found.append(part["id"][may_change(face, rest, part["stranger"], np.isin(part["first"], owners), faces, setup.thresholds)])
    return np.concatenate(found)


def atoms_of(gallery: Gallery, setup: Setup) -> tuple[np.ndarray, np.ndarray]:
    """The dictionary there is: observation, cluster and person of each exemplar, shape (a, 3) int64, and their faces, (a, d)."""
    of_cluster, people, faces, observation = clusters.dictionary(gallery, setup.card(registry.FACE_EMBEDDER).digest)
    return np.stack([observation, of_cluster, people], axis=1), faces
