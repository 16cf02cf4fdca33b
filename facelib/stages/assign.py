"""The whole-library stage that chooses the dictionary and answers who each observation is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facelib.model_zoo import registry
from facelib.recognition.dictionary import READS as DICTIONARY_READS
from facelib.recognition.dictionary import ClusteredFaces, build_dictionary
from facelib.recognition.identify import READS as IDENTIFY_READS
from facelib.recognition.identify import identify
from facelib.recognition.one_per_photo import duplicates_in_photo
from facelib.records import CERTAIN, LIKELY, NO_CLUSTER, NO_PERSON, STANDINGS, UNKNOWN
from facelib.stages import assign_incremental, embed
from facelib.stages import people as listed_people
from facelib.stages.answer_cache import changed_exemplars, make_records, stale_observations
from facelib.stages.assign_checkpoint import AssignCheckpoint, AssignInputs
from facelib.stages.rows import vectors
from facelib.stages.setup import Setup
from facelib.stages.stage import Progress
from facelib.stages.stage import recipe as make_recipe
from facelib.store import clusters, incremental_queries
from facelib.store.answer_cache import clear_records, put_records
from facelib.store.cluster_state import cluster_states, replace_exemplars, unanswered
from facelib.store.dictionary import Dictionary, dictionary, put_exemplars
from facelib.store.digests import verdicts_digest
from facelib.store.gallery import Gallery
from facelib.store.observation_table import ObservationTable, table

NAME = "assign"
VERSION = 4
READS = tuple(sorted({*DICTIONARY_READS, *IDENTIFY_READS, *listed_people.READS, "same_photo_threshold"}))
BATCH = 65536
"""Observations answered together: bounds the memory their answers take before the answer cache stores them in a smaller form."""
BY_VERDICT = 10.0
"""Rank of an answer that a verdict gives: above those of all standings."""


@dataclass(frozen=True, eq=False)
class Probes:
    """Observations to be answered.

    Attributes
    ----------
    rows : ObservationTable
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face
    clusters : ndarray of shape (m,), int64, ascending
        Ids of the clusters of the rows and of the dictionary.
    cluster : ndarray of shape (n,), int64
        Indices into ``clusters``, NO_CLUSTER for none.
    owner : ndarray of shape (m,), int64
        The persons who own the clusters, NO_PERSON for none.
    """

    rows: ObservationTable
    faces: np.ndarray
    clusters: np.ndarray
    cluster: np.ndarray
    owner: np.ndarray

    @staticmethod
    def of(gallery: Gallery, setup: Setup, rows: ObservationTable, subset: bool, extra_clusters: np.ndarray) -> Probes:
        """Read what is needed of observations.

        Parameters
        ----------
        subset : bool
            Whether the gallery has more observations than ``rows``; their embeddings are not read.
        extra_clusters : ndarray of shape (k,), int64
            Ids of clusters that ``clusters`` holds besides those of the rows.
        """
        faces = vectors(gallery, "face", setup.card(registry.FACE_EMBEDDER), rows.id, subset)
        ids = np.union1d(rows.cluster[rows.cluster >= 0], extra_clusters)
        cluster = np.where(rows.cluster >= 0, np.searchsorted(ids, rows.cluster), NO_CLUSTER)
        return Probes(rows, faces, ids, cluster, clusters.owners_of(gallery, ids))


def run(gallery: Gallery, setup: Setup) -> Iterator[Progress]:
    """Choose exemplars of all people, and answer for each observation who it is, unless nothing has changed.

    In a large library only stale answers are made again, and only clusters that are new or have changed get other exemplars;
    the answers are the same as if all were made again with that dictionary.

    A verdict is never overruled. A member of a person's cluster that the sparse code does not recognise is likely that person;
    one that the sparse code is certain to be somebody else is left unknown.
    """
    now = current_inputs(gallery, setup)
    last = AssignCheckpoint.read(gallery)
    # Clustering sets the owners of clusters, and so gives a person to members that had been left unknown: these are answered again.
    if last is not None and last.inputs.same(now) and not len(unanswered(gallery)[1]):
        return
    yield Progress(NAME, 0, 1)
    with gallery.transaction():
        changed = None if last is None else _answer_stale(gallery, setup, last, now)
        if changed is None:
            _answer_all(gallery, setup, now)
        listed_people.update_unlisted(gallery, setup, now.clusters, changed)
        people = len(set(clusters.owners(gallery).values()))
    yield Progress(NAME, 1, 1, f"{people} people known by name")


def current_inputs(gallery: Gallery, setup: Setup) -> AssignInputs:
    """The inputs of all answers as they are now."""
    after = embed.recipe(setup.models, setup.thresholds)
    recipe = make_recipe(NAME, VERSION, [setup.card(registry.FACE_EMBEDDER)], setup.thresholds, READS, after=after)
    return AssignInputs(recipe, verdicts_digest(gallery), cluster_states(gallery))


def _answer_all(gallery: Gallery, setup: Setup, now: AssignInputs) -> None:
    rows = table(gallery)
    probes = Probes.of(gallery, setup, rows, subset=False, extra_clusters=np.empty(0, dtype=np.int64))
    library = ClusteredFaces(probes.faces, probes.cluster, rows.reliability, rows.seconds, probes.owner, rows.person >= 0)
    chosen = build_dictionary(library, setup.thresholds)
    put_exemplars(gallery, rows.cluster[chosen], rows.id[chosen])
    clear_records(gallery)
    exemplars = dictionary_of(gallery, setup)
    answer(gallery, setup, probes, exemplars)
    AssignCheckpoint(now, now.clusters.size, exemplars.rows).write(gallery)


def _answer_stale(gallery: Gallery, setup: Setup, last: AssignCheckpoint, now: AssignInputs) -> np.ndarray | None:
    """Answer what a change made stale.

    Returns
    -------
    ndarray of int64, or None
        Clusters that changed. None, and nothing answered, where the whole library may be stale.
    """
    plan = assign_incremental.plan(gallery, setup, last, now)
    if plan is None:
        return None
    replace_exemplars(gallery, plan.needs_exemplars, assign_incremental.choose_exemplars(gallery, setup, plan.needs_exemplars))
    exemplars = dictionary_of(gallery, setup)
    stale = stale_observations(gallery, setup, changed_exemplars(last.exemplars, exemplars.rows))
    if stale is None or len(exemplars) <= setup.thresholds.shortlist:
        return None
    # A person is in a photo once, so the observations of a photo are answered together.
    photos = incremental_queries.photos_of(gallery, np.union1d(plan.observations, stale))
    rows = table(gallery, incremental_queries.observations_of(gallery, photos))
    answer(gallery, setup, Probes.of(gallery, setup, rows, subset=True, extra_clusters=np.unique(exemplars.cluster)), exemplars)
    sizes = assign_incremental.sizes_at_choice(last, now.clusters, plan.needs_exemplars)
    AssignCheckpoint(now, sizes, exemplars.rows).write(gallery)
    return np.union1d(plan.grown, plan.needs_exemplars)


def dictionary_of(gallery: Gallery, setup: Setup) -> Dictionary:
    """The dictionary of the face embedder in use."""
    return dictionary(gallery, setup.card(registry.FACE_EMBEDDER).digest)


def answer(gallery: Gallery, setup: Setup, probes: Probes, exemplars: Dictionary) -> None:
    """Answer the probes by the exemplars of the dictionary; store the answers, and in the answer cache what they depend on."""
    parts = []
    cluster_of_exemplar = np.searchsorted(probes.clusters, exemplars.cluster)
    for start in range(0, max(len(probes.rows), 1), BATCH):
        batch = slice(start, start + BATCH)
        answers = identify(probes.faces[batch], exemplars.faces, cluster_of_exemplar, probes.owner, setup.thresholds)
        records = make_records(probes.rows.part(batch), probes.faces[batch], probes.clusters, answers, setup.thresholds)
        put_records(gallery, records)
        parts.append((answers.standing, answers.person, answers.cluster, answers.share))
    by_code = [np.concatenate(column) for column in zip(*parts, strict=True)]
    person, standing, share = _decide(probes, setup.thresholds.same_photo_threshold, *by_code)
    clusters.put_answers(gallery, probes.rows.id, person.tolist(), [STANDINGS[s] for s in standing], share)


def _decide(
    probes: Probes, same_photo_threshold: float, standing: np.ndarray, person: np.ndarray, cluster: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weigh the answers of the sparse code against the owners of the clusters: persons, standings and shares of all rows.

    Parameters
    ----------
    standing, person, cluster, share : ndarray of shape (n,)
        As in :class:`facelib.recognition.answers.Answers`.
    """
    rows, owner = probes.rows, probes.owner
    of_cluster = np.where(probes.cluster >= 0, owner[probes.cluster], NO_PERSON) if len(owner) else np.full(len(rows), NO_PERSON)
    recognised = standing > UNKNOWN
    agrees = recognised & (cluster == probes.cluster)
    agrees |= recognised & (person >= 0) & ((person == of_cluster) | (of_cluster < 0))
    # If the code is not certain, the owner of the cluster decides. If it is certain and contradicts the owner, the answer is unknown.
    by_cluster = ~agrees & (standing < CERTAIN)
    answered = np.where(agrees & (person >= 0), person, np.where(agrees | by_cluster, of_cluster, NO_PERSON))
    standing = np.where(agrees, standing, np.where(by_cluster & (of_cluster >= 0), LIKELY, UNKNOWN))
    share = np.where(agrees, share, 0.0)
    # A row with a verdict keeps its person; no other row of the photo is given the same.
    judged = rows.person >= 0
    answered = np.where(judged, rows.person, answered)
    rank = np.where(judged, BY_VERDICT, standing + share)
    duplicate = duplicates_in_photo(answered, rank, probes.faces, rows.photo_id, same_photo_threshold) & ~judged
    return np.where(duplicate, NO_PERSON, answered), np.where(duplicate, UNKNOWN, standing), np.where(duplicate, 0.0, share)
