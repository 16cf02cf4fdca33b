"""Why an observation was given its identity, or none. Never writes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facelib.errors import PhotoError
from facelib.recognition.answers import Answers
from facelib.recognition.identities import identity_keys
from facelib.recognition.standing import bounds, missed_bounds, rule
from facelib.records import CERTAIN, LIKELY, NO_CLUSTER, NO_PERSON, UNKNOWN, Identity, Sighting
from facelib.store import unlisted as unlisted_clusters
from facelib.store import verdicts
from facelib.store.gallery import Gallery
from facelib.store.verdicts import Verdict
from facelib.thresholds import Thresholds, compared
from facelib.who.dictionary import NamedDictionary
from facelib.who.recogniser import PersonSighting, Recogniser

SHOWN = 5
"""How many candidates are shown."""
YOU, CLUSTER, SPARSE_CODE, ONE_PER_PHOTO, NO_FACE = "you", "cluster", "sparse code", "one person once in a photo", "no face"


@dataclass(frozen=True)
class Candidate:
    """A person, or a cluster without one (``person`` is None), that the face resembles.

    Attributes
    ----------
    share : float, 0..1
        0 where the sparse code does not use its exemplars.
    distance : float
        Cosine distance to the nearest of its exemplars.
    """

    person: int | None
    cluster: int
    name: str | None
    share: float
    distance: float


@dataclass(frozen=True)
class Reason:
    """One observation, and why it was given its identity.

    Attributes
    ----------
    number : int or None
        Its id in the gallery.
    candidates : tuple of Candidate
        The nearest few.
    residual : float or None
        Length of what the sparse code leaves unexplained; None without a face.
    verdicts : tuple of Verdict
        What users said of it.
    decided_by : str
        :data:`YOU`, :data:`CLUSTER`, :data:`SPARSE_CODE`, :data:`ONE_PER_PHOTO` or :data:`NO_FACE`.
    sentence : str
        The reason in plain words.
    rule : str
        The rule that was applied, with its numbers.
    unlisted : str
        Why its cluster, which has no name, is not listed among the people (:func:`facelib.store.unlisted.reasons_of`); else empty.
    """

    number: int | None
    sighting: Sighting
    identity: Identity
    candidates: tuple[Candidate, ...]
    residual: float | None
    verdicts: tuple[Verdict, ...]
    decided_by: str
    sentence: str
    rule: str
    unlisted: str = ""


@dataclass(frozen=True)
class Explanation:
    """A photo with the reasons for each answer; ``error`` if it could not be read."""

    path: str
    indexed: bool
    reasons: tuple[Reason, ...]
    error: PhotoError | None = None


def explain(recogniser: Recogniser, gallery: Gallery, thresholds: Thresholds, path: Path) -> Explanation:
    """Explain the answer for each observation in a photo, indexed or not."""
    recognised = recogniser.recognise(path)
    numbers = [person.number for person in recognised.people if person.number is not None]
    verdicts_of = verdicts.verdicts_of(gallery, numbers)
    dictionary = recogniser.dictionary
    identities = [person.identity for person in recognised.people]
    unnamed = {p.identity.cluster for p in recognised.people if p.identity.person is None and p.identity.cluster is not None}
    unlisted = unlisted_clusters.reasons_of(gallery, unnamed, thresholds.min_cluster_size)
    reasons = tuple(
        replace(
            _reason(dictionary, person, verdicts_of.get(person.number or 0, []), identities, thresholds),
            unlisted="" if person.identity.person is not None else unlisted.get(person.identity.cluster or -1, ""),
        )
        for person in recognised.people
    )
    return Explanation(recognised.path, bool(numbers), reasons, recognised.error)


def _reason(
    dictionary: NamedDictionary, person: PersonSighting, given: Sequence[Verdict], identities: Sequence[Identity], thresholds: Thresholds
) -> Reason:
    vector = person.sighting.face_embedding
    answers: Answers | None = None
    candidates: tuple[Candidate, ...] = ()
    residual = None
    if vector is not None:
        face = np.asarray(vector, dtype=np.float32)[None]
        answers = dictionary.answer(face, thresholds)
        candidates, residual = _candidates(dictionary, face[0], answers), float(answers.residual[0])
    decided_by, sentence, applied = _decision(dictionary, person, given, answers, identities, thresholds)
    return Reason(person.number, person.sighting, person.identity, candidates, residual, tuple(given), decided_by, sentence, applied)


def _candidates(dictionary: NamedDictionary, face: np.ndarray, answers: Answers) -> tuple[Candidate, ...]:
    if not len(dictionary.exemplars):
        return ()
    distance = np.clip(1 - dictionary.exemplars @ face, 0, 2)
    cluster_of_exemplar = dictionary.cluster_of_exemplar
    owner = dictionary.person_of_cluster[cluster_of_exemplar]
    identity = identity_keys(owner, cluster_of_exemplar)
    people, clusters, shares = np.array(answers.shares[0], dtype=np.float64).reshape(-1, 3).T
    share_of = dict(zip(identity_keys(people, clusters).tolist(), shares.tolist(), strict=True))
    order = np.argsort(distance, kind="stable")
    _, first = np.unique(identity[order], return_index=True)
    candidates = []
    for exemplar in order[np.sort(first)][:SHOWN].tolist():
        person, cluster = int(owner[exemplar]), int(dictionary.clusters[cluster_of_exemplar[exemplar]])
        share = float(share_of.get(int(identity[exemplar]), 0))
        owner_id = person if person >= 0 else None
        candidates.append(Candidate(owner_id, cluster, dictionary.names.get(person), share, float(distance[exemplar])))
    return tuple(candidates)


def _decision(
    dictionary: NamedDictionary,
    person: PersonSighting,
    given: Sequence[Verdict],
    answers: Answers | None,
    identities: Sequence[Identity],
    thresholds: Thresholds,
) -> tuple[str, str, str]:
    """What decided, the reason in plain words, and the rule with its numbers."""
    names, identity = dictionary.names, person.identity
    confirmations = [verdict for verdict in given if verdict.says == "is"]
    if confirmations:
        text = f"you said so ({confirmations[-1].how}, {confirmations[-1].at[:10]})"
        return YOU, text, text
    if answers is None:
        if identity.person is None:
            return NO_FACE, "there is no face to compare", "there is no face to compare"
        text = f"it is in c{identity.cluster}, a cluster of {_called(names, identity.person)}; there is no face to compare"
        return CLUSTER, text, text
    applied = rule(answers, 0, thresholds)
    alone = _of_face(dictionary, answers, identity, thresholds)
    first, recognised = int(answers.person[0]), int(answers.standing[0]) > UNKNOWN
    if first >= 0 and first in {verdict.person_id for verdict in given}:
        text = f"you said that it is not {_called(names, first)}, who is {'nearest' if _is_nearest(answers) else 'the best match'}"
        return YOU, text, text
    if identity.person is not None and (first != identity.person or not recognised):
        text = f"it is in c{identity.cluster}, a cluster of {_called(names, identity.person)}"
        return CLUSTER, f"{text}; by its face alone: {alone}", f"{text}; by its face alone: {applied}"
    cluster = _first_cluster(dictionary, answers)
    if identity.person is None and recognised and _is_taken(first, cluster, identity, identities):
        text = f"another face of this photo is {_named(names, first, cluster)}, and one person is in a photo once"
        return ONE_PER_PHOTO, text, text
    if identity.person is None and recognised and first >= 0:
        text = f"by its face it is {_called(names, first)}, but it is in a cluster of somebody else; so it stays unknown"
        return CLUSTER, text, text
    alone += _advice(dictionary, person, answers)
    if identity.person is None and identity.cluster is not None and not (recognised and cluster == identity.cluster):
        alone = f"it is in {_named(names, NO_PERSON, identity.cluster)}; by its face alone: {alone}"
    return SPARSE_CODE, alone, applied


def _is_taken(person: int, cluster: int, identity: Identity, identities: Sequence[Identity]) -> bool:
    """Whether another face of the photo has the identity that an unknown face would get."""
    if person != NO_PERSON:
        return any(other.person == person for other in identities)
    return identity.cluster is None and any(other.person is None and other.cluster == cluster for other in identities)


def _of_face(dictionary: NamedDictionary, answers: Answers, identity: Identity, thresholds: Thresholds) -> str:
    """The answer of the sparse code, in plain words."""
    cluster = _first_cluster(dictionary, answers)
    if cluster == NO_CLUSTER:
        return "this face is like nobody known"
    name = _named(dictionary.names, int(answers.person[0]), cluster)
    if answers.standing[0] > UNKNOWN and answers.person[0] == NO_PERSON and cluster == identity.cluster:
        return f"it is in {name}"
    if answers.standing[0] == CERTAIN:
        return f"it is like {name} (distance {answers.distance[0]:.2f})"
    if answers.standing[0] == LIKELY:
        return f"it is like {name}, but not for certain: {_shortfall(answers, thresholds, CERTAIN)}"
    word = "Nearest" if _is_nearest(answers) else "Best match"
    return f"nobody known. {word} is {name}, but {_shortfall(answers, thresholds, LIKELY)}"


def _is_nearest(answers: Answers) -> bool:
    """Whether nobody has an exemplar nearer than the first candidate, who is the one with the largest share of the sparse code."""
    return bool(answers.distance[0] <= answers.other_distance[0])


def _first_cluster(dictionary: NamedDictionary, answers: Answers) -> int:
    """The id of the first candidate's cluster, or NO_CLUSTER."""
    index = int(answers.cluster[0])
    return NO_CLUSTER if index == NO_CLUSTER else int(dictionary.clusters[index])


def _shortfall(answers: Answers, thresholds: Thresholds, standing: int) -> str:
    """The first bound of a standing that an answer misses, in plain words."""
    score, margin, distance = bounds(thresholds, standing)
    missed = missed_bounds(answers, 0, thresholds, standing)
    if "distance" in missed:
        return "too unlike (distance {}, needs {})".format(*compared(float(answers.distance[0]), distance, 2))
    if "margin" in missed:
        return "others are about as like (margin {}, needs {})".format(*compared(float(answers.margin[0]), margin, 2))
    return "not clearly enough (score {}, needs {})".format(*compared(float(answers.score[0]), score, 2))


def _advice(dictionary: NamedDictionary, person: PersonSighting, answers: Answers) -> str:
    """The command that gives an unknown observation to the person nearest to it; empty where there is none."""
    first = int(answers.person[0])
    if person.number is None or first < 0 or person.identity.person is not None:
        return ""
    called = _called(dictionary.names, first)
    return f". If it is {called}: facelib confirm {shlex.quote(called)} {person.number}"


def _named(names: Mapping[int, str | None], person: int, cluster: int) -> str:
    return f"c{cluster}, which has no name" if person == NO_PERSON else _called(names, person)


def _called(names: Mapping[int, str | None], person: int) -> str:
    return names.get(person) or f"p{person}"
