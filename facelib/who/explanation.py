"""Why an observation is held to be somebody, or nobody. Never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facelib.errors import PhotoError
from facelib.recognition.identify import Answers, assign, why
from facelib.records import Identity, Sighting
from facelib.store import unlisted as unlisted_clusters
from facelib.store import verdicts
from facelib.store.gallery import Gallery
from facelib.store.verdicts import Verdict
from facelib.thresholds import Thresholds
from facelib.who.known import Known
from facelib.who.recogniser import PersonSighting, Recogniser

SHOWN = 5


@dataclass(frozen=True)
class Candidate:
    """Somebody near: a person, or a cluster without one (``person`` is None). ``share`` is 0 where the code does not use them."""

    person: int | None
    cluster: int
    name: str | None
    share: float
    distance: float


@dataclass(frozen=True)
class Reason:
    """One observation and why it is answered as it is.

    Attributes
    ----------
    number : int or None
        Its id in the gallery.
    candidates : tuple of Candidate
        The nearest few, by the distance to their nearest exemplar.
    residual : float or None
        Length of what the sparse code leaves unexplained; None without a face.
    said : tuple of Verdict
        What the user said of it.
    decided_by : str
        ``"you"``, ``"cluster"``, ``"sparse code"``, ``"one person once in a photo"`` or ``"no face"``.
    rule : str
        The rule, in words with its numbers.
    unlisted : str
        Why its cluster, which has no name, is not listed among the people (:func:`facelib.store.unlisted.reasons_of`); else empty.
    """

    number: int | None
    sighting: Sighting
    identity: Identity
    candidates: tuple[Candidate, ...]
    residual: float | None
    said: tuple[Verdict, ...]
    decided_by: str
    rule: str
    unlisted: str = ""


@dataclass(frozen=True)
class Explanation:
    """A photo with the reasons for each answer; ``error`` where it cannot be looked at."""

    path: str
    indexed: bool
    reasons: tuple[Reason, ...]
    error: PhotoError | None = None


def explain(recogniser: Recogniser, gallery: Gallery, thresholds: Thresholds, path: Path) -> Explanation:
    """Look at a photo, indexed or not, and say why each observation in it is answered as it is."""
    seen = recogniser.look(path)
    numbers = [person.number for person in seen.people if person.number is not None]
    said = verdicts.verdicts_of(gallery, numbers)
    known = recogniser.known
    taken = [person.identity.person for person in seen.people if person.identity.person is not None]
    unnamed = {p.identity.cluster for p in seen.people if p.identity.person is None and p.identity.cluster is not None}
    left_out = unlisted_clusters.reasons_of(gallery, unnamed, thresholds.min_cluster_size)
    reasons = tuple(
        replace(
            _reason(known, person, said.get(person.number or 0, []), taken, thresholds),
            unlisted="" if person.identity.person is not None else left_out.get(person.identity.cluster or -1, ""),
        )
        for person in seen.people
    )
    return Explanation(seen.path, bool(numbers), reasons, seen.error)


def _reason(known: Known, person: PersonSighting, said: Sequence[Verdict], taken: Sequence[int], thresholds: Thresholds) -> Reason:
    vector = person.sighting.face_embedding
    answers: Answers | None = None
    candidates: tuple[Candidate, ...] = ()
    residual = None
    if vector is not None:
        face = np.asarray(vector, dtype=np.float32)[None]
        answers = assign(face, known.exemplars, known.cluster_of_atom, known.person_of_cluster, thresholds)
        candidates, residual = _candidates(known, face[0], answers), float(answers.residual[0])
    by, rule = _decision(known.names, person, said, answers, taken, thresholds)
    return Reason(person.number, person.sighting, person.identity, candidates, residual, tuple(said), by, rule)


def _candidates(known: Known, face: np.ndarray, answers: Answers) -> tuple[Candidate, ...]:
    if not len(known.exemplars):
        return ()
    distance = np.clip(1 - known.exemplars @ face, 0, 2)
    owner = known.person_of_cluster[known.cluster_of_atom]
    label = np.where(owner >= 0, 2 * owner, 2 * known.cluster_of_atom + 1)
    shares = {(2 * p if p >= 0 else 2 * c + 1): share for p, c, share in answers.shares[0]}
    order = np.argsort(distance, kind="stable")
    _, first = np.unique(label[order], return_index=True)
    found = []
    for spot in order[np.sort(first)][:SHOWN].tolist():
        person = int(owner[spot])
        cluster = int(known.clusters[known.cluster_of_atom[spot]])
        named = person if person >= 0 else None
        found.append(Candidate(named, cluster, known.names.get(person), float(shares.get(int(label[spot]), 0)), float(distance[spot])))
    return tuple(found)


def _decision(
    names: Mapping[int, str | None],
    person: PersonSighting,
    said: Sequence[Verdict],
    answers: Answers | None,
    taken: Sequence[int],
    thresholds: Thresholds,
) -> tuple[str, str]:
    """What decided, and the rule in words."""
    identity = person.identity
    positive = [one for one in said if one.says == "is"]
    if positive:
        return "you", f"you said so ({positive[-1].how}, {positive[-1].at[:10]})"
    refused = {one.person_id for one in said}
    rule = why(answers, 0, thresholds) if answers is not None else "there is no face to compare"
    first = int(answers.person[0]) if answers is not None else -1
    if first >= 0 and first in refused:
        return "you", f"you said that it is not {_called(names, first)}, who is nearest"
    if identity.person is not None and (answers is None or first != identity.person or answers.standing[0] == 0):
        return "cluster", f"it is in c{identity.cluster}, which is {_called(names, identity.person)}'s; by itself: {rule}"
    if answers is not None and identity.person is None and answers.standing[0] > 0 and first >= 0:
        if first in taken:
            return "one person once in a photo", f"{_called(names, first)} is given to another face of this photo, which fits better"
        return "cluster", f"the sparse code says {_called(names, first)}, its own cluster says otherwise; so nobody is believed"
    return ("sparse code" if answers is not None else "no face"), rule


def _called(names: Mapping[int, str | None], person: int) -> str:
    return names.get(person) or f"p{person}"
