"""Which answers of a large library are stale after a change, and which clusters need new exemplars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.recognition.dictionary import ClusteredFaces, update_dictionary
from facelib.records import NO_CLUSTER
from facelib.stages.answer_cache import AnsweredRows
from facelib.stages.assign_checkpoint import AssignCheckpoint, AssignInputs
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.stages.stage import SMALL_LIBRARY
from facelib.store import clusters, incremental_queries
from facelib.store.answer_cache import is_damaged, without_record
from facelib.store.cluster_state import ClusterStates, clusters_of_stray_exemplars, member_keys, unanswered
from facelib.store.dictionary import exemplars
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table

MAX_CHANGED = 0.2
"""If more than this fraction of the library is new, or is in clusters that need new exemplars, all of it is answered."""
MAX_GROWTH = 0.2
"""A cluster keeps its exemplars until it has grown by more than this fraction, so the cost of choosing them follows what is new."""


@dataclass(frozen=True, eq=False)
class StalePlan:
    """What an incremental run has to do.

    Attributes
    ----------
    observations : ndarray of int64, ascending
        To be answered: those without an answer of their own, and those whose cluster, its owner, or verdict has changed.
    grown : ndarray of int64, ascending
        Clusters that have more members and keep their exemplars.
    needs_exemplars : ndarray of int64, ascending
        Clusters whose exemplars have to be chosen.
    """

    observations: np.ndarray
    grown: np.ndarray
    needs_exemplars: np.ndarray


def plan(gallery: Gallery, setup: Setup, last: AssignCheckpoint, now: AssignInputs) -> StalePlan | None:
    """Find what has changed since the last run; None where the whole library has to be answered."""
    before, size = last.inputs, int(now.clusters.size.sum())
    # If the shortlist holds all exemplars, every answer depends on each of them.
    if before.recipe != now.recipe or size < SMALL_LIBRARY or len(last.exemplars) <= setup.thresholds.shortlist:
        return None
    if is_damaged(gallery, setup.card(registry.FACE_EMBEDDER).dimension):
        return None
    new = np.union1d(np.union1d(*unanswered(gallery)), without_record(gallery))
    if len(new) > MAX_CHANGED * size:
        return None
    answered = AnsweredRows.read(gallery, setup)
    judged = answered.verdict_changed(gallery) if before.verdicts != now.verdicts else np.empty(0, dtype=np.int64)
    rows = table(gallery, np.union1d(new, judged))
    first_time = ~np.isin(rows.id, answered.id)
    changes = ClusterChanges.between(before.clusters, now.clusters, last.chosen_sizes, rows.id[first_time], rows.cluster[first_time])
    clusters_of_judged = rows.cluster[np.isin(rows.id, judged)]
    lost_exemplars = last.exemplars[~np.isin(last.exemplars[:, 0], exemplars(gallery)[1]), 1]
    suspects = np.concatenate([clusters_of_judged, lost_exemplars, clusters_of_stray_exemplars(gallery)])
    more = np.intersect1d(suspects, now.clusters.id[now.clusters.id >= 0])
    needs_exemplars = np.union1d(changes.needs_exemplars, more)
    if now.clusters.size[np.isin(now.clusters.id, needs_exemplars)].sum() > MAX_CHANGED * size:
        return None
    moved = answered.cluster_changed(gallery, changes.membership_changed)
    owner_changed = incremental_queries.members(gallery, changes.new_owner)
    stale = np.union1d(rows.id, np.union1d(moved, owner_changed))
    return StalePlan(stale, np.setdiff1d(changes.grown, needs_exemplars), needs_exemplars)


@dataclass(frozen=True, eq=False)
class ClusterChanges:
    """How clusters have changed: arrays of ids. A cluster may be in several of them.

    Attributes
    ----------
    grown : ndarray of int64
        More members, but too few more to choose the exemplars again.
    needs_exemplars : ndarray of int64
        New clusters, and those that changed in any other way.
    new_owner : ndarray of int64
        Clusters whose owner changed, including from none and to none.
    membership_changed : ndarray of int64
        Clusters that lost members, that got members of other clusters, and that no longer exist.
    """

    grown: np.ndarray
    needs_exemplars: np.ndarray
    new_owner: np.ndarray
    membership_changed: np.ndarray

    @staticmethod
    def between(
        before: ClusterStates, now: ClusterStates, chosen_sizes: np.ndarray, new: np.ndarray, cluster_of_new: np.ndarray
    ) -> ClusterChanges:
        """Compare two states.

        Parameters
        ----------
        chosen_sizes : ndarray of shape (n,), int64
            The size of each cluster of ``before`` when its exemplars were chosen.
        new, cluster_of_new : ndarray of shape (k,), int64
            Observations that are in ``now`` only, and their clusters or NO_CLUSTER.
        """
        index = np.searchsorted(now.id, cluster_of_new)
        added, added_key = np.bincount(index, minlength=len(now.id)), np.zeros(len(now.id), dtype=np.int64)
        np.add.at(added_key, index, member_keys(new))
        present, (size, key, person, chosen) = _looked_up(before, now, before.size, before.key, before.person, chosen_sizes)
        same_owner = present & (now.person == person)
        unchanged = same_owner & (now.size == size) & (now.key == key)
        only_new = (now.size == size + added) & (now.key == key + added_key)
        grown = same_owner & ~unchanged & (now.size >= size) & (now.size <= (1 + MAX_GROWTH) * chosen)
        is_cluster = now.id != NO_CLUSTER
        return ClusterChanges(
            now.id[grown & is_cluster],
            now.id[~unchanged & ~grown & is_cluster],
            now.id[present & ~same_owner & is_cluster],
            np.concatenate([now.id[~unchanged & ~only_new], np.setdiff1d(before.id, now.id)]),
        )


def _looked_up(before: ClusterStates, now: ClusterStates, *columns: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Which clusters of ``now`` existed before, shape (n,), bool, and their values in columns of ``before``; 0 for the others."""
    if not len(before.id):
        return np.zeros(len(now.id), dtype=bool), [np.zeros(len(now.id), dtype=np.int64) for _ in columns]
    index = np.minimum(np.searchsorted(before.id, now.id), len(before.id) - 1)
    present = before.id[index] == now.id
    return present, [np.where(present, column[index], 0) for column in columns]


def sizes_at_choice(last: AssignCheckpoint, now: ClusterStates, needed_exemplars: np.ndarray) -> np.ndarray:
    """The size each cluster had when its exemplars were chosen, for ``needed_exemplars`` just now: ndarray of shape (n,), int64."""
    present, (chosen,) = _looked_up(last.inputs.clusters, now, last.chosen_sizes)
    return np.where(present & ~np.isin(now.id, needed_exemplars), chosen, now.size)


def choose_exemplars(gallery: Gallery, setup: Setup, changed: np.ndarray) -> np.ndarray:
    """New exemplars for the changed clusters, from all their members; the rest of the dictionary stays.

    Returns
    -------
    ndarray of shape (k, 2), int64
        Cluster and observation.
    """
    _, current = exemplars(gallery)
    rows = table(gallery, np.union1d(incremental_queries.members(gallery, changed), current))
    faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id, subset=True)
    ids = np.unique(rows.cluster[rows.cluster >= 0])
    index = np.where(rows.cluster >= 0, np.searchsorted(ids, rows.cluster), NO_CLUSTER)
    person = clusters.owners_of(gallery, ids)
    library = ClusteredFaces(faces, index, rows.reliability, rows.seconds, person, rows.person >= 0)
    chosen = update_dictionary(library, np.isin(ids, changed), np.isin(rows.id, current), setup.thresholds)
    return np.stack([rows.cluster[chosen], rows.id[chosen]], axis=1)
