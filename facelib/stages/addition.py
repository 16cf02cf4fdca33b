"""What came to a large library since its observations were last answered, and what that changes in the dictionary."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass

import numpy as np

from facelib import model_cards
from facelib.identity import composition
from facelib.identity.dictionary import choose_exemplars
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.store import clusters, growth
from facelib.store.gallery import Gallery
from facelib.store.standing import ClusterStates, member_keys, unanswered
from facelib.store.table import ObservationTable, table

NOTE, CLUSTERS_NOTE = "assign", "assign clusters"
LEAST_LIBRARY = 5000
"""Fewer observations than this are always answered as a whole: it takes seconds, and is the better for it."""
MOST_CHANGED = 0.2
"""Where more than this part of the library is to be answered anew, all of it is."""
MOST_GROWN = 0.2
"""A cluster that grew by no more than this by faces that had waited for one, or lay in another one, is still what it was."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """What answers follow from: the recipe, what people said, and the clusters."""

    recipe: str
    verdicts: str
    clusters: ClusterStates

    def summary(self) -> str:
        return f"{self.recipe} {self.verdicts} {hashlib.sha256(self.clusters.tobytes()).hexdigest()[:16]}"

    def same(self, other: Inputs) -> bool:
        return self.summary() == other.summary()

    def write(self, gallery: Gallery) -> None:
        """Keep them beside the answers that were made from them."""
        gallery.set_note(NOTE, self.summary())
        gallery.set_note(CLUSTERS_NOTE, base64.b64encode(zlib.compress(self.clusters.tobytes(), 1)).decode())

    @staticmethod
    def read(gallery: Gallery) -> Inputs | None:
        """Those of the last answers; None where there are none, or the note is of another version or does not fit."""
        facts, packed = (gallery.note(NOTE) or "").split(" "), gallery.note(CLUSTERS_NOTE)
        if len(facts) != 3 or packed is None:
            return None
        try:
            found = Inputs(facts[0], facts[1], ClusterStates.frombytes(zlib.decompress(base64.b64decode(packed))))
        except (ValueError, TypeError, zlib.error):
            return None
        return found if found.summary() == " ".join(facts) else None


@dataclass(frozen=True, eq=False)
class Addition:
    """What is to be done.

    Attributes
    ----------
    observations : ndarray of int64, ascending
        To be answered, the others of their photos with them.
    new : ndarray of int64, ascending
        Those without an answer of their own.
    grown : ndarray of int64, ascending
        Clusters that got new members and are otherwise what they were, or are new altogether.
    disturbed : ndarray of int64, ascending
        Clusters with another owner, or other members than before.
    """

    observations: np.ndarray
    new: np.ndarray
    grown: np.ndarray
    disturbed: np.ndarray


def find(gallery: Gallery, before: Inputs, now: Inputs) -> Addition | None:
    """What was added since; None where the whole library is to be answered."""
    every = int(now.clusters.size.sum())
    if before.recipe != now.recipe or before.verdicts != now.verdicts or every < LEAST_LIBRARY:
        return None
    new = np.union1d(*unanswered(gallery))
    if len(new) > MOST_CHANGED * every:
        return None
    rows = table(gallery, new)
    grown, disturbed = _sorted_out(before.clusters, now.clusters, rows.id, rows.cluster)
    if now.clusters.size[np.isin(now.clusters.id, disturbed)].sum() > MOST_CHANGED * every:
        return None
    due = np.union1d(new, growth.members(gallery, disturbed))
    return Addition(growth.observations_of(gallery, growth.photos_of(gallery, due)), new, grown, disturbed)


def _sorted_out(before: ClusterStates, now: ClusterStates, new: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clusters that only grew, and those that changed in another way; clusters as before are in neither."""
    place = np.searchsorted(now.id, cluster)
    added, keys = np.bincount(place, minlength=len(now.id)), np.zeros(len(now.id), dtype=np.int64)
    np.add.at(keys, place, member_keys(new))
    spot = np.minimum(np.searchsorted(before.id, now.id), max(len(before.id) - 1, 0))
    present = before.id[spot] == now.id if len(before.id) else np.zeros(len(now.id), dtype=bool)
    size, key, person = (np.where(present, column[spot] if len(spot) else column, 0) for column in (before.size, before.key, before.person))
    same = present & (now.size == size) & (now.key == key) & (now.person == person)
    by_new = (now.size == size + added) & (now.key == key + keys) & (~present | (now.person == person))
    by_some = present & (now.person == person) & (now.size > size) & (now.size <= (1 + MOST_GROWN) * size)
    grown = ~same & (by_new | by_some)
    inside = now.id >= 0
    return now.id[grown & inside], now.id[~same & ~grown & inside]


def exemplars(gallery: Gallery, setup: Setup, added: Addition) -> tuple[np.ndarray, np.ndarray]:
    """New exemplars for the clusters that changed, from those they have and their new faces; the rest of the dictionary stays.

    Returns
    -------
    changed : ndarray of shape (c,), int64
        Clusters whose exemplars are chosen anew.
    pairs : ndarray of shape (k, 2), int64
        Cluster and observation.
    """
    of_cluster, observation = clusters.exemplars(gallery)
    rows = table(gallery, np.union1d(_candidates(gallery, setup, added, of_cluster), observation))
    faces = vectors(gallery, "face", setup.card(model_cards.FACE_EMBEDDER), rows.id, some=True)
    ids = np.unique(rows.cluster[rows.cluster >= 0])
    place = np.where(rows.cluster >= 0, np.searchsorted(ids, rows.cluster), -1)
    owned = clusters.owners(gallery)
    owner = np.array([owned.get(c, -1) for c in ids.tolist()], dtype=np.int64)
    changed = np.isin(ids, np.union1d(added.grown, added.disturbed))
    chosen = _choose(rows, faces, place, owner, changed, np.isin(rows.id, observation), setup)
    return ids[changed], np.stack([rows.cluster[chosen], rows.id[chosen]], axis=1)


def _candidates(gallery: Gallery, setup: Setup, added: Addition, in_dictionary: np.ndarray) -> np.ndarray:
    """The new faces, and of clusters that had no exemplar yet, or were disturbed, all members."""
    unseen = np.setdiff1d(added.grown, in_dictionary)
    return np.union1d(added.new, growth.members(gallery, np.union1d(unseen, added.disturbed)))


def _choose(
    rows: ObservationTable,
    faces: np.ndarray,
    place: np.ndarray,
    owner: np.ndarray,
    changed: np.ndarray,
    kept: np.ndarray,
    setup: Setup,
) -> np.ndarray:
    """Rows for the changed clusters: people's as far as there is room, and strangers where fewer than allowed are in."""
    thresholds, m = setup.thresholds, len(owner)
    usable = (place >= 0) & np.any(faces, axis=1) & (rows.reliability >= thresholds.min_reliability)
    size = np.bincount(place[usable], minlength=m)
    had = np.bincount(place[kept], minlength=m)
    large = (size >= thresholds.min_cluster_size) | (owner >= 0)
    # One in the dictionary with so many exemplars was a person before, and still is.
    person = composition.people_among(faces, place, rows.reliability, owner, large, thresholds) | (had >= thresholds.min_cluster_size)
    held = np.where(place >= 0, changed[place], False)
    room = thresholds.dictionary - int(had[~changed].sum())
    wanted = np.where(person & changed & large, np.minimum(size, thresholds.exemplars), 0)
    most = wanted if wanted.sum() <= room else np.minimum(wanted, np.maximum(had, owner >= 0))
    atoms = choose_exemplars(faces, np.where(held, place, -1), rows.reliability, rows.seconds, thresholds, rows.person >= 0, most)
    passing = ~large & (had > 0)
    loose = np.flatnonzero(usable & held & ~np.append(large, False)[place])
    named = np.flatnonzero(kept & (place >= 0) & (np.append(owner, -1)[place] >= 0))
    more = composition.strangers(faces[loose], faces[named], thresholds)
    return np.concatenate([atoms, loose[more][: max(thresholds.strangers - int(had[passing & ~changed].sum()), 0)]])
