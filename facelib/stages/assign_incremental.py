"""What came to a large library since its observations were last answered, and what that changes."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.recognition import dictionary
from facelib.recognition.exemplars import choose_exemplars
from facelib.stages.answer_cache import Held
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.stages.stage import SMALL_LIBRARY
from facelib.store import clusters, incremental_queries
from facelib.store.answer_cache import damaged, uncoded
from facelib.store.cluster_state import ClusterStates, clusters_of_stray_exemplars, member_keys, unanswered
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table

NOTE, PACKED_NOTE = "assign", "assign clusters"
MOST_CHANGED = 0.2
"""Where more than this part of the library is new, or lies in clusters that changed, all of it is answered anew."""
MOST_GROWN = 0.2
"""A cluster keeps its exemplars until it has grown by more than this, so that they cost no more than what is new."""


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


@dataclass(frozen=True, eq=False)
class Memory:
    """What a run leaves for the next one.

    Attributes
    ----------
    inputs : Inputs
        What its answers follow from.
    chosen : ndarray of shape (n,), int64
        How large each of these clusters was when its exemplars were chosen.
    atoms : ndarray of shape (a, 3), int64
        Observation, cluster and person (-1 for none) of each exemplar the answers were made with.
    """

    inputs: Inputs
    chosen: np.ndarray
    atoms: np.ndarray

    def write(self, gallery: Gallery) -> None:
        """Keep it beside the answers."""
        states = self.inputs.clusters.tobytes()
        sizes = np.array([len(states), len(self.chosen)], dtype="<i8")
        packed = b"".join((sizes.tobytes(), states, self.chosen.astype("<i8").tobytes(), self.atoms.astype("<i8").tobytes()))
        gallery.set_note(NOTE, self.inputs.summary())
        gallery.set_note(PACKED_NOTE, base64.b64encode(zlib.compress(packed, 1)).decode())

    @staticmethod
    def read(gallery: Gallery) -> Memory | None:
        """That of the last answers; None where there are none, or the note is of another version or does not fit."""
        facts, packed = (gallery.note(NOTE) or "").split(" "), gallery.note(PACKED_NOTE)
        if len(facts) != 3 or packed is None:
            return None
        try:
            data = zlib.decompress(base64.b64decode(packed))
            states, chosen = np.frombuffer(data, dtype="<i8", count=2).tolist()
            inputs = Inputs(facts[0], facts[1], ClusterStates.frombytes(data[16 : 16 + states]))
            rest = np.frombuffer(data, dtype="<i8", offset=16 + states).astype(np.int64)
            found = Memory(inputs, rest[:chosen], rest[chosen:].reshape(-1, 3))
        except (ValueError, TypeError, zlib.error):
            return None
        return found if inputs.summary() == " ".join(facts) and len(found.chosen) == len(inputs.clusters.id) else None


@dataclass(frozen=True, eq=False)
class Addition:
    """What is to be done.

    Attributes
    ----------
    due : ndarray of int64, ascending
        Observations without an answer of their own, and those whose cluster, its owner, or what was said of them is another now.
    grown : ndarray of int64, ascending
        Clusters that have more members and keep their exemplars.
    disturbed : ndarray of int64, ascending
        Clusters whose exemplars are to be chosen: new ones, and those with another owner, or other members than before.
    """

    due: np.ndarray
    grown: np.ndarray
    disturbed: np.ndarray


def find(gallery: Gallery, setup: Setup, memory: Memory, now: Inputs) -> Addition | None:
    """What was added or changed since; None where the whole library is to be answered."""
    before, every = memory.inputs, int(now.clusters.size.sum())
    # With no more exemplars than the shortlist has room for, all of them are near to every face.
    if before.recipe != now.recipe or every < SMALL_LIBRARY or len(memory.atoms) <= setup.thresholds.shortlist:
        return None
    if damaged(gallery, setup.card(registry.FACE_EMBEDDER).dimension):
        return None
    new = np.union1d(np.union1d(*unanswered(gallery)), uncoded(gallery))
    if len(new) > MOST_CHANGED * every:
        return None
    held = Held.of(gallery, setup)
    respoken = held.respoken(gallery) if before.verdicts != now.verdicts else np.empty(0, dtype=np.int64)
    rows = table(gallery, np.union1d(new, respoken))
    unseen = ~np.isin(rows.id, held.id)
    turns = _sorted_out(before.clusters, now.clusters, memory.chosen, rows.id[unseen], rows.cluster[unseen])
    spoken_of = rows.cluster[np.isin(rows.id, respoken)]
    lost = memory.atoms[~np.isin(memory.atoms[:, 0], clusters.exemplars(gallery)[1]), 1]
    again = np.intersect1d(np.concatenate([spoken_of, lost, clusters_of_stray_exemplars(gallery)]), now.clusters.id[now.clusters.id >= 0])
    disturbed = np.union1d(turns.disturbed, again)
    if now.clusters.size[np.isin(now.clusters.id, disturbed)].sum() > MOST_CHANGED * every:
        return None
    due = np.union1d(rows.id, np.union1d(held.moved(gallery, turns.mixed), incremental_queries.members(gallery, turns.handed)))
    return Addition(due, np.setdiff1d(turns.grown, disturbed), disturbed)


@dataclass(frozen=True, eq=False)
class Turns:
    """Clusters by what became of them, arrays of ids; one may be in several.

    ``grown`` have more members, and not so many that their exemplars are to be chosen anew; ``disturbed`` are all others that
    are not what they were, or are new. ``handed`` have another owner. ``mixed`` lost members, or got some of other clusters, or
    are gone.
    """

    grown: np.ndarray
    disturbed: np.ndarray
    handed: np.ndarray
    mixed: np.ndarray


def _sorted_out(before: ClusterStates, now: ClusterStates, chosen: np.ndarray, new: np.ndarray, cluster: np.ndarray) -> Turns:
    """What became of the clusters; ``new`` rows, of which nothing was known before, lie in ``cluster``."""
    place = np.searchsorted(now.id, cluster)
    added, keys = np.bincount(place, minlength=len(now.id)), np.zeros(len(now.id), dtype=np.int64)
    np.add.at(keys, place, member_keys(new))
    spot = np.minimum(np.searchsorted(before.id, now.id), max(len(before.id) - 1, 0))
    present = before.id[spot] == now.id if len(before.id) else np.zeros(len(now.id), dtype=bool)
    size, key, person, base = (np.where(present, c[spot] if len(spot) else c, 0) for c in (before.size, before.key, before.person, chosen))
    kept = present & (now.person == person)
    same = kept & (now.size == size) & (now.key == key)
    by_new = (now.size == size + added) & (now.key == key + keys)
    grown = kept & ~same & (now.size >= size) & (now.size <= (1 + MOST_GROWN) * base)
    inside = now.id >= 0
    return Turns(
        now.id[grown & inside],
        now.id[~same & ~grown & inside],
        now.id[present & ~kept & inside],
        np.concatenate([now.id[~same & ~by_new], np.setdiff1d(before.id, now.id)]),
    )


def chosen_sizes(memory: Memory, now: ClusterStates, disturbed: np.ndarray) -> np.ndarray:
    """How large each cluster was when its exemplars were chosen, those of the ``disturbed`` just now: ndarray of shape (n,), int64."""
    before = memory.inputs.clusters.id
    spot = np.minimum(np.searchsorted(before, now.id), max(len(before) - 1, 0))
    kept = (before[spot] == now.id if len(before) else np.zeros(len(now.id), dtype=bool)) & ~np.isin(now.id, disturbed)
    return np.where(kept, memory.chosen[spot] if len(before) else now.size, now.size)


def exemplars(gallery: Gallery, setup: Setup, disturbed: np.ndarray) -> np.ndarray:
    """New exemplars for the disturbed clusters, from all their members; the rest of the dictionary stays.

    Returns
    -------
    ndarray of shape (k, 2), int64
        Cluster and observation.
    """
    _, observation = clusters.exemplars(gallery)
    rows = table(gallery, np.union1d(incremental_queries.members(gallery, disturbed), observation))
    faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id, some=True)
    ids = np.unique(rows.cluster[rows.cluster >= 0])
    place = np.where(rows.cluster >= 0, np.searchsorted(ids, rows.cluster), -1)
    owner = clusters.owners_of(gallery, ids)
    chosen = _choose(rows, faces, place, owner, np.isin(ids, disturbed), np.isin(rows.id, observation), setup)
    return np.stack([rows.cluster[chosen], rows.id[chosen]], axis=1)


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
    # One that was an exemplar may wait in the pool since.
    had = np.bincount(place[kept & (place >= 0)], minlength=m)
    given = np.bincount(place[dictionary.given(usable, place, rows.person >= 0)], minlength=m)
    large = (size >= thresholds.min_cluster_size) | (owner >= 0)
    # One in the dictionary with so many exemplars was a person before, and still is.
    person = dictionary.people_among(faces, place, rows.reliability, owner, large, thresholds) | (had >= thresholds.min_cluster_size)
    held = np.where(place >= 0, changed[place], False)
    room = thresholds.dictionary - int(had[~changed].sum())
    wanted = np.where(person & changed & large, np.minimum(given, thresholds.exemplars), 0)
    most = wanted if wanted.sum() <= room else np.minimum(wanted, np.maximum(had, owner >= 0))
    atoms = choose_exemplars(faces, np.where(held, place, -1), rows.reliability, rows.seconds, thresholds, rows.person >= 0, most)
    passing = ~large & (had > 0)
    loose = np.flatnonzero(usable & held & ~np.append(large, False)[place])
    named = np.flatnonzero(kept & (place >= 0) & (np.append(owner, -1)[place] >= 0))
    more = dictionary.strangers(faces[loose], faces[named], thresholds)
    return np.concatenate([atoms, loose[more][: max(thresholds.strangers - int(had[passing & ~changed].sum()), 0)]])
