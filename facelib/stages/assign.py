"""The whole-library stage that chooses the dictionary and answers who each observation is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.recognition import dictionary, identify
from facelib.recognition.identify import CERTAIN, LIKELY, STANDINGS, UNKNOWN, assign
from facelib.recognition.one_per_photo import second_times
from facelib.stages import answer_cache, assign_incremental, embed
from facelib.stages import people as listed_people
from facelib.stages.answer_cache import atoms_of
from facelib.stages.assign_incremental import Inputs, Memory
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.stages.stage import Progress
from facelib.stages.stage import recipe as make_recipe
from facelib.store import clusters, incremental_queries
from facelib.store.answer_cache import clear_codes, put_codes
from facelib.store.cluster_state import cluster_states, replace_exemplars, unanswered
from facelib.store.digests import verdicts_digest
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table

NAME = "assign"
VERSION = 4
READS = tuple(sorted({*dictionary.READS, *identify.READS, *listed_people.READS, "same_photo_threshold"}))
PART = 65536
"""Observations answered at once; what they were answered from is then kept in a smaller form."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Observations to be answered, with what is known of them.

    Attributes
    ----------
    rows : ObservationTable
    faces : ndarray of shape (n, d), float32
    ids : ndarray of shape (m,), int64
        Cluster ids, ascending; of these rows and of the dictionary.
    place : ndarray of shape (n,), int64
        Positions in ``ids``, -1 for no cluster.
    owner : ndarray of shape (m,), int64
        Persons of the clusters, -1 for none.
    """

    rows: ObservationTable
    faces: np.ndarray
    ids: np.ndarray
    place: np.ndarray
    owner: np.ndarray

    @staticmethod
    def of(gallery: Gallery, setup: Setup, rows: ObservationTable, some: bool, further: np.ndarray) -> Asked:
        """The rows with their embeddings; ``further`` clusters are told of as well."""
        faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id, some)
        ids = np.union1d(rows.cluster[rows.cluster >= 0], further)
        owner = clusters.owners_of(gallery, ids)
        return Asked(rows, faces, ids, np.where(rows.cluster >= 0, np.searchsorted(ids, rows.cluster), -1), owner)


def run(gallery: Gallery, setup: Setup) -> Iterator[Progress]:
    """Choose exemplars of all people and say of each observation who it is, unless nothing has changed.

    In a large library only those are answered whose answer what was added or said may change, and only the clusters choose
    exemplars that are new or not what they were; the answers are those of the whole library with the dictionary there is then.

    A verdict is never overruled. A member of a person's cluster whom the sparse code does not know is likely that
    person; one whom it holds to be somebody else is left unknown.
    """
    now = inputs(gallery, setup)
    memory = Memory.read(gallery)
    # Giving clusters to people again, as every clustering does, may have spoken for faces that had been left unknown.
    if memory is not None and memory.inputs.same(now) and not len(unanswered(gallery)[1]):
        return
    yield Progress(NAME, 0, 1)
    with gallery.transaction():
        changed = None if memory is None else _answer_added(gallery, setup, memory, now)
        if changed is None:
            _answer_all(gallery, setup, now)
        listed_people.choose(gallery, setup, now.clusters, changed)
        people = len(set(clusters.owners(gallery).values()))
    yield Progress(NAME, 1, 1, f"{people} people known by name")


def _answer_all(gallery: Gallery, setup: Setup, now: Inputs) -> None:
    rows = table(gallery)
    asked = Asked.of(gallery, setup, rows, some=False, further=np.empty(0, dtype=np.int64))
    chosen = dictionary.compose(asked.faces, asked.place, rows.reliability, rows.seconds, asked.owner, setup.thresholds, rows.person >= 0)
    clusters.put_exemplars(gallery, rows.cluster[chosen], rows.id[chosen])
    clear_codes(gallery)
    atoms, faces = atoms_of(gallery, setup)
    _answer(gallery, setup, asked, faces, np.searchsorted(asked.ids, atoms[:, 1]))
    Memory(now, now.clusters.size, atoms).write(gallery)


def _answer_added(gallery: Gallery, setup: Setup, memory: Memory, now: Inputs) -> np.ndarray | None:
    """Answer what has to be answered: the clusters that changed. None, and nothing answered, where that may be the whole library."""
    added = assign_incremental.find(gallery, setup, memory, now)
    if added is None:
        return None
    replace_exemplars(gallery, added.disturbed, assign_incremental.exemplars(gallery, setup, added.disturbed))
    atoms, faces = atoms_of(gallery, setup)
    touched = answer_cache.touched(gallery, setup, answer_cache.changed_atoms(memory.atoms, atoms))
    if touched is None or len(atoms) <= setup.thresholds.shortlist:
        return None
    # Nobody is twice in a photo, so all of it is answered together.
    photos = incremental_queries.photos_of(gallery, np.union1d(added.due, touched))
    rows = table(gallery, incremental_queries.observations_of(gallery, photos))
    asked = Asked.of(gallery, setup, rows, some=True, further=np.unique(atoms[:, 1]))
    _answer(gallery, setup, asked, faces, np.searchsorted(asked.ids, atoms[:, 1]))
    Memory(now, assign_incremental.chosen_sizes(memory, now.clusters, added.disturbed), atoms).write(gallery)
    return np.union1d(added.grown, added.disturbed)


def _answer(gallery: Gallery, setup: Setup, asked: Asked, atoms: np.ndarray, cluster_of_atom: np.ndarray) -> None:
    parts = []
    for start in range(0, max(len(asked.rows), 1), PART):
        part = slice(start, start + PART)
        answers = assign(asked.faces[part], atoms, cluster_of_atom, asked.owner, setup.thresholds)
        put_codes(gallery, answer_cache.records(asked.rows.part(part), asked.faces[part], asked.ids, answers, setup.thresholds))
        parts.append((answers.standing, answers.person, answers.cluster, answers.share))
    standing, person, cluster, share = (np.concatenate(column) for column in zip(*parts, strict=True))
    person, standing, share = _decide(asked, standing, person, cluster, share, setup.thresholds.same_photo_threshold)
    clusters.put_answers(gallery, asked.rows.id, person.tolist(), [STANDINGS[s] for s in standing], share)


def inputs(gallery: Gallery, setup: Setup) -> Inputs:
    """What answers follow from, as it is now."""
    after = embed.recipe(setup.models, setup.thresholds)
    recipe = make_recipe(NAME, VERSION, [setup.card(registry.FACE_EMBEDDER)], setup.thresholds, READS, after=after)
    return Inputs(recipe, verdicts_digest(gallery), cluster_states(gallery))


def _decide(
    asked: Asked, code: np.ndarray, first: np.ndarray, cluster: np.ndarray, part: np.ndarray, same_photo_threshold: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weigh the sparse code against the cluster: persons (-1 for none), standings and shares of all rows.

    Parameters
    ----------
    code, first, cluster, part : ndarray of shape (n,)
        Standing, person, cluster and share of :class:`facelib.recognition.identify.Answers`.
    """
    rows, place, owner = asked.rows, asked.place, asked.owner
    of_cluster = np.where(place >= 0, owner[place], -1) if len(owner) else np.full(len(rows), -1)
    known = code > UNKNOWN
    agrees = known & (cluster == place)
    agrees |= known & (first >= 0) & ((first == of_cluster) | (of_cluster < 0))
    # The code is silent: the cluster alone speaks. The code contradicts with certainty: nobody is believed.
    silent = ~agrees & (code < CERTAIN)
    person = np.where(agrees & (first >= 0), first, np.where(agrees | silent, of_cluster, -1))
    standing = np.where(agrees, code, np.where(silent & (of_cluster >= 0), LIKELY, UNKNOWN))
    share = np.where(agrees, part, 0.0)
    # A row a user spoke of keeps its person; nobody else in that photo is given the same.
    person = np.where(rows.person >= 0, rows.person, person)
    rank = np.where(rows.person >= 0, 10.0, standing + share)
    beaten = second_times(person, rank, asked.faces, rows.photo_id, same_photo_threshold) & (rows.person < 0)
    return np.where(beaten, -1, person), np.where(beaten, UNKNOWN, standing), np.where(beaten, 0.0, share)
