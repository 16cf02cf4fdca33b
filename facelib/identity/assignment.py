"""Who is it: the shares of people in the sparse code of a face, and whether they are enough for an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.identity.sparse_code import code
from facelib.thresholds import Thresholds

READS = (
    "sparsity",
    "shortlist",
    "certain_share",
    "certain_margin",
    "certain_residual",
    "certain_distance",
    "likely_share",
    "likely_margin",
    "likely_residual",
    "likely_distance",
)
UNKNOWN, LIKELY, CERTAIN = 0, 1, 2
STANDINGS = ("unknown", "likely", "certain")
TOP = 5


@dataclass(frozen=True, eq=False)
class Answers:
    """What the dictionary says of each face. Where nothing was near at all, share and margin are 0, the labels -1.

    Attributes
    ----------
    standing : ndarray of shape (n,), int64
        UNKNOWN, LIKELY or CERTAIN (0, 1, 2). The fields below name the nearest candidate also where it is unknown.
    person, cluster : ndarray of shape (n,), int64
        The first person (-1: the first is an unnamed cluster), and that one's cluster with the largest part.
    share, margin : ndarray of shape (n,), float32, 0..1
        Part of the coefficients, and lead over the second.
    residual : ndarray of shape (n,), float32, 0..1
    distance : ndarray of shape (n,), float32
        Cosine distance to the nearest exemplar of the first; infinity where there is none.
    shares : list of n lists of (person, cluster, share)
        The largest few, falling.
    """

    standing: np.ndarray
    person: np.ndarray
    cluster: np.ndarray
    share: np.ndarray
    margin: np.ndarray
    residual: np.ndarray
    distance: np.ndarray
    shares: list[list[tuple[int, int, float]]]

    def __len__(self) -> int:
        return len(self.standing)


def assign(
    faces: np.ndarray,
    dictionary: np.ndarray,
    cluster_of_atom: np.ndarray,
    person_of_cluster: np.ndarray,
    thresholds: Thresholds,
) -> Answers:
    """Find the person or unnamed cluster of each face.

    Shares are of persons; an unnamed cluster stands for itself.

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face (these stay unknown)
    dictionary : ndarray of shape (a, d), float32, rows of unit length
    cluster_of_atom : ndarray of shape (a,), int64, indices into ``person_of_cluster``
    person_of_cluster : ndarray of shape (m,), int64, -1 for unnamed
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    """
    faces = np.asarray(faces, dtype=np.float32)
    n = len(faces)
    answers = _nobody(n)
    rows = np.flatnonzero(np.any(faces, axis=1))
    if not len(rows) or not len(dictionary):
        return answers
    cluster_of_atom, person_of_cluster = np.asarray(cluster_of_atom), np.asarray(person_of_cluster)
    people = person_of_cluster[cluster_of_atom]
    # One key a person, one an unnamed cluster.
    owner = np.where(people >= 0, 2 * people, 2 * cluster_of_atom + 1)
    for start in range(0, len(rows), 4096):
        part = rows[start : start + 4096]
        indices, x, residual = code(faces[part], dictionary, thresholds.sparsity, thresholds.shortlist)
        answers.residual[part] = residual
        for place in np.flatnonzero(x.any(axis=1)).tolist():
            row = int(part[place])
            used = np.flatnonzero(x[place])
            _weigh(answers, row, indices[place, used], x[place, used], owner, cluster_of_atom, people)
            mine = indices[place][owner[indices[place]] == owner[_atom_of(answers, row, indices[place], cluster_of_atom)]]
            answers.distance[row] = np.clip(1 - float((dictionary[mine] @ faces[row]).max()), 0, 2)
    answers.standing[:] = np.where(
        _passes(answers, thresholds, "certain"), CERTAIN, np.where(_passes(answers, thresholds, "likely"), LIKELY, UNKNOWN)
    )
    return answers


def why(answers: Answers, row: int, thresholds: Thresholds) -> str:
    """The rule that decided an answer, in words with its numbers."""
    if answers.cluster[row] < 0:
        return "no exemplar is near enough to take part"
    if answers.standing[row] == CERTAIN:
        return "share, margin, residual and distance are all within the bounds for certain"
    word = "certain" if answers.standing[row] != UNKNOWN else "likely"
    return f"not {word}: " + "; ".join(text for failed, text in _rules(answers, row, thresholds, word) if failed)


def _rules(answers: Answers, row: int, thresholds: Thresholds, word: str) -> list[tuple[bool, str]]:
    """For each rule whether it failed, and how."""
    rules = []
    for name in ("share", "margin"):
        value, bound = float(getattr(answers, name)[row]), getattr(thresholds, f"{word}_{name}")
        rules.append((value < bound, f"{name} {value:.2f} is below {bound:.2f}"))
    for name in ("residual", "distance"):
        value, bound = float(getattr(answers, name)[row]), getattr(thresholds, f"{word}_{name}")
        rules.append((value > bound, f"{name} {value:.3f} is above {bound:.3f}"))
    return rules


def _passes(answers: Answers, thresholds: Thresholds, word: str) -> np.ndarray:
    passed: np.ndarray = (
        (answers.cluster >= 0)
        & (answers.share >= getattr(thresholds, f"{word}_share"))
        & (answers.margin >= getattr(thresholds, f"{word}_margin"))
        & (answers.residual <= getattr(thresholds, f"{word}_residual"))
        & (answers.distance <= getattr(thresholds, f"{word}_distance"))
    )
    return passed


def _nobody(n: int) -> Answers:
    minus = np.full((3, n), -1, dtype=np.int64)
    zero = np.zeros((2, n), dtype=np.float32)
    return Answers(
        standing=np.zeros(n, dtype=np.int64),
        person=minus[0],
        cluster=minus[1],
        share=zero[0],
        margin=zero[1],
        residual=np.ones(n, dtype=np.float32),
        distance=np.full(n, np.inf, dtype=np.float32),
        shares=[[] for _ in range(n)],
    )


def _atom_of(answers: Answers, row: int, atoms: np.ndarray, cluster_of_atom: np.ndarray) -> int:
    """An exemplar of the cluster that came first."""
    return int(atoms[np.argmax(cluster_of_atom[atoms] == answers.cluster[row])])


def _weigh(
    answers: Answers,
    row: int,
    atoms: np.ndarray,
    x: np.ndarray,
    owner: np.ndarray,
    cluster_of_atom: np.ndarray,
    people: np.ndarray,
) -> None:
    """Write the shares of one row's code; equal shares go to the lower key."""
    index = np.unique(owner[atoms], return_inverse=True)[1]
    shares = np.bincount(index, weights=x) / float(x.sum())
    ranked = np.argsort(-shares, kind="stable")
    for rank, spot in enumerate(ranked[:TOP].tolist()):
        own = atoms[index == spot]
        clusters, where = np.unique(cluster_of_atom[own], return_inverse=True)
        leading = int(clusters[np.argmax(np.bincount(where, weights=x[index == spot]))])
        answers.shares[row].append((int(people[own[0]]), leading, float(shares[spot])))
        if rank == 0:
            answers.person[row], answers.cluster[row] = int(people[own[0]]), leading
            answers.share[row] = shares[spot]
    answers.margin[row] = shares[ranked[0]] - (shares[ranked[1]] if len(ranked) > 1 else 0)
