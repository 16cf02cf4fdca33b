"""The whole-library stage that chooses the dictionary and answers who each observation is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facelib import model_cards
from facelib.identity import assignment, composition
from facelib.identity.assignment import CERTAIN, LIKELY, STANDINGS, UNKNOWN, Answers, assign
from facelib.identity.once import second_times
from facelib.stages import addition, embed, listing
from facelib.stages.addition import Inputs
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.stages.stage import Progress
from facelib.stages.stage import recipe as make_recipe
from facelib.store import clusters
from facelib.store.digests import verdicts_digest
from facelib.store.gallery import Gallery
from facelib.store.standing import change_exemplars, cluster_states
from facelib.store.table import ObservationTable, table

NAME = "assign"
VERSION = 3
READS = tuple(sorted({*composition.READS, *assignment.READS, *listing.READS, "same_photo_cut"}))


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
        faces = vectors(gallery, "face", setup.card(model_cards.FACE_EMBEDDER), rows.id, some)
        ids = np.union1d(rows.cluster[rows.cluster >= 0], further)
        owned = clusters.owners(gallery)
        owner = np.array([owned.get(c, -1) for c in ids.tolist()], dtype=np.int64)
        return Asked(rows, faces, ids, np.where(rows.cluster >= 0, np.searchsorted(ids, rows.cluster), -1), owner)


def run(gallery: Gallery, setup: Setup) -> Iterator[Progress]:
    """Choose exemplars of all people and say of each observation who it is, unless nothing has changed.

    Where only observations were added to a large library, only they and what they changed are answered, by the dictionary
    there is with their exemplars in it (:mod:`facelib.stages.addition`).

    A verdict is never overruled. A member of a person's cluster whom the sparse code does not know is likely that
    person; one whom it holds to be somebody else is left unknown.
    """
    now = inputs(gallery, setup)
    before = Inputs.read(gallery)
    if before is not None and before.same(now):
        return
    yield Progress(NAME, 0, 1)
    added = addition.find(gallery, before, now) if before is not None else None
    with gallery.transaction():
        people = _answer_all(gallery, setup) if added is None else _answer_added(gallery, setup, added)
        listing.choose(gallery, setup, now.clusters, None if added is None else np.union1d(added.grown, added.disturbed))
        now.write(gallery)
    yield Progress(NAME, 1, 1, f"{people} people known by name")


def _answer_all(gallery: Gallery, setup: Setup) -> int:
    rows = table(gallery)
    asked = Asked.of(gallery, setup, rows, some=False, further=np.empty(0, dtype=np.int64))
    atoms = composition.compose(asked.faces, asked.place, rows.reliability, rows.seconds, asked.owner, setup.thresholds, rows.person >= 0)
    clusters.put_exemplars(gallery, rows.cluster[atoms], rows.id[atoms])
    return _answer(gallery, setup, asked, asked.faces[atoms], asked.place[atoms])


def _answer_added(gallery: Gallery, setup: Setup, added: addition.Addition) -> int:
    changed, pairs = addition.exemplars(gallery, setup, added)
    change_exemplars(gallery, changed, pairs)
    of_cluster, _, atoms = clusters.dictionary(gallery, setup.card(model_cards.FACE_EMBEDDER).digest)
    asked = Asked.of(gallery, setup, table(gallery, added.observations), some=True, further=of_cluster)
    return _answer(gallery, setup, asked, atoms, np.searchsorted(asked.ids, of_cluster))


def _answer(gallery: Gallery, setup: Setup, asked: Asked, atoms: np.ndarray, cluster_of_atom: np.ndarray) -> int:
    answers = assign(asked.faces, atoms, cluster_of_atom, asked.owner, setup.thresholds)
    person, standing, share = _decide(asked, answers, setup.thresholds.same_photo_cut)
    clusters.put_answers(gallery, asked.rows.id, person.tolist(), [STANDINGS[s] for s in standing], share)
    return len(np.unique(asked.owner[asked.owner >= 0]))


def inputs(gallery: Gallery, setup: Setup) -> Inputs:
    """What answers follow from, as it is now."""
    after = embed.recipe(setup.models, setup.thresholds)
    recipe = make_recipe(NAME, VERSION, [setup.card(model_cards.FACE_EMBEDDER)], setup.thresholds, READS, after=after)
    return Inputs(recipe, verdicts_digest(gallery), cluster_states(gallery))


def _decide(asked: Asked, answers: Answers, same_photo_cut: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weigh the sparse code against the cluster: persons (-1 for none), standings and shares of all rows."""
    rows, place, owner = asked.rows, asked.place, asked.owner
    of_cluster = np.where(place >= 0, owner[place], -1) if len(owner) else np.full(len(rows), -1)
    known = answers.standing > UNKNOWN
    agrees = known & (answers.cluster == place)
    agrees |= known & (answers.person >= 0) & ((answers.person == of_cluster) | (of_cluster < 0))
    # The code is silent: the cluster alone speaks. The code contradicts with certainty: nobody is believed.
    silent = ~agrees & (answers.standing < CERTAIN)
    person = np.where(agrees & (answers.person >= 0), answers.person, np.where(agrees | silent, of_cluster, -1))
    standing = np.where(agrees, answers.standing, np.where(silent & (of_cluster >= 0), LIKELY, UNKNOWN))
    share = np.where(agrees, answers.share, 0.0)
    # A row a user spoke of keeps its person; nobody else in that photo is given the same.
    person = np.where(rows.person >= 0, rows.person, person)
    rank = np.where(rows.person >= 0, 10.0, standing + share)
    beaten = second_times(person, rank, asked.faces, rows.photo_id, same_photo_cut) & (rows.person < 0)
    return np.where(beaten, -1, person), np.where(beaten, UNKNOWN, standing), np.where(beaten, 0.0, share)
