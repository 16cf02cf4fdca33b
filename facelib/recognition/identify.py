"""Who is it: the shares of people in the sparse code of a face, and whether they are enough for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facelib.recognition.sparse_code import Codes, code
from facelib.thresholds import Thresholds

READS = (
    "sparsity",
    "shortlist",
    "score_base",
    "score_share",
    "score_residual",
    "score_lead",
    "score_centre",
    "other_distance",
    "certain_score",
    "certain_margin",
    "certain_distance",
    "likely_score",
    "likely_margin",
    "likely_distance",
)
UNKNOWN, LIKELY, CERTAIN = 0, 1, 2
STANDINGS = ("unknown", "likely", "certain")
TOP = 5
BATCH = 16384


@dataclass(frozen=True, eq=False)
class Candidates:
    """Who takes part in the codes of faces, row by row, the largest share first; equal shares by person, then by cluster.

    Attributes
    ----------
    row : ndarray of shape (k,), int64, ascending
    person : ndarray of shape (k,), int64
        -1 for an unnamed cluster.
    cluster : ndarray of shape (k,), int64
        The cluster itself, or that of the person with the largest part.
    share : ndarray of shape (k,), float64, 0..1; the shares of a row sum to 1
    rank : ndarray of shape (k,), int64
        0 for the first of its row.
    """

    row: np.ndarray
    person: np.ndarray
    cluster: np.ndarray
    share: np.ndarray
    rank: np.ndarray

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        return self.row, self.person, self.cluster, self.share, self.rank

    @property
    def first_rows(self) -> np.ndarray:
        """Rows that have a candidate, ascending."""
        found: np.ndarray = self.row[self.rank == 0]
        return found

    def first(self, owners: Owners) -> np.ndarray:
        """The owner of each first candidate."""
        found: np.ndarray = owners.of_cluster[self.cluster[self.rank == 0]]
        return found


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
    rest : ndarray of shape (n, d), float32
        What the mixture leaves of the face, ``y - D x``.
    distance : ndarray of shape (n,), float32
        Cosine distance to the nearest exemplar of the first; infinity where there is none.
    other : ndarray of shape (n,), float32
        That to the nearest exemplar of anybody else.
    lead : ndarray of shape (n,), float32
        How much farther the nearest exemplar of anybody else is, or ``other_distance`` if that is nearer.
    centre : ndarray of shape (n,), float32
        Cosine distance to the mean of all exemplars of the first.
    score : ndarray of shape (n,), float32
        Logarithm of the odds that the first is right, were known people and strangers asked for equally often.
    candidates : Candidates
    """

    standing: np.ndarray
    person: np.ndarray
    cluster: np.ndarray
    share: np.ndarray
    margin: np.ndarray
    residual: np.ndarray
    rest: np.ndarray
    distance: np.ndarray
    other: np.ndarray
    lead: np.ndarray
    centre: np.ndarray
    score: np.ndarray
    candidates: Candidates

    def __len__(self) -> int:
        return len(self.standing)

    @cached_property
    def shares(self) -> list[list[tuple[int, int, float]]]:
        """For each row (person, cluster, share) of the largest few, falling."""
        listed: list[list[tuple[int, int, float]]] = [[] for _ in range(len(self))]
        c = self.candidates
        few = c.rank < TOP
        for row, *entry in zip(c.row[few].tolist(), c.person[few].tolist(), c.cluster[few].tolist(), c.share[few].tolist(), strict=True):
            listed[row].append((entry[0], entry[1], entry[2]))
        return listed


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
    faces, dictionary = np.asarray(faces, dtype=np.float32), np.asarray(dictionary, dtype=np.float32)
    owners = Owners.of(np.asarray(cluster_of_atom, dtype=np.int64), np.asarray(person_of_cluster, dtype=np.int64))
    n = len(faces)
    rows = np.flatnonzero(np.any(faces, axis=1)) if len(dictionary) else np.empty(0, dtype=np.int64)
    residual, rest = np.ones(n, dtype=np.float32), faces.copy()
    distance, other, centre = np.full((3, n), np.inf, dtype=np.float32)
    keys, means = owners.means(dictionary)
    parts = [_weigh(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0), owners)]
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        codes = code(faces[part], dictionary, thresholds.sparsity, thresholds.shortlist)
        residual[part], rest[part] = codes.residual, codes.rest
        place, used = np.nonzero(codes.coefficients)
        weight = codes.coefficients[place, used].astype(np.float64)
        parts.append(_weigh(part[place], codes.indices[place, used], weight, owners))
        first, there = parts[-1].first(owners), parts[-1].first_rows
        distance[there] = _distances(faces[there], first, dictionary, owners)
        other[there] = _others(codes, np.searchsorted(part, there), first, owners)
        centre[there] = 1 - np.einsum("ij,ij->i", faces[there], means[np.searchsorted(keys, first)])
    candidates = Candidates(*(np.concatenate(columns) for columns in zip(*(part.columns for part in parts), strict=True)))
    return _judge(residual, rest, distance, other, centre, candidates, thresholds)


@dataclass(frozen=True, eq=False)
class Owners:
    """Whose each exemplar is: one key a person, one an unnamed cluster.

    Attributes
    ----------
    cluster_of_atom, person_of_cluster : ndarray of int64
        As for :func:`assign`.
    of_cluster, of_atom : ndarray of int64
        Keys.
    atoms, bounds : ndarray of int64
        Exemplars sorted by key, and their keys.
    """

    cluster_of_atom: np.ndarray
    person_of_cluster: np.ndarray
    of_cluster: np.ndarray
    of_atom: np.ndarray
    atoms: np.ndarray
    keys: np.ndarray

    @staticmethod
    def of(cluster_of_atom: np.ndarray, person_of_cluster: np.ndarray) -> Owners:
        of_cluster = np.where(person_of_cluster >= 0, 2 * person_of_cluster, 2 * np.arange(len(person_of_cluster)) + 1)
        of_atom = of_cluster[cluster_of_atom]
        atoms = np.argsort(of_atom, kind="stable")
        return Owners(cluster_of_atom, person_of_cluster, of_cluster, of_atom, atoms, of_atom[atoms])

    def means(self, dictionary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The keys of all owners, ascending, and the means of their exemplars as unit vectors, shape (k, d)."""
        keys, first = np.unique(self.keys, return_index=True)
        sums = np.add.reduceat(dictionary[self.atoms], first, axis=0) if len(keys) else dictionary
        return keys, sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)


def _weigh(row: np.ndarray, atom: np.ndarray, weight: np.ndarray, owners: Owners) -> Candidates:
    """Sum up coefficients by cluster, then by person."""
    m = len(owners.person_of_cluster) + 1
    keys, index = np.unique(row * m + owners.cluster_of_atom[atom], return_inverse=True)
    by_cluster = np.bincount(index, weights=weight, minlength=len(keys))
    row, cluster = np.divmod(keys, m)
    owner = owners.of_cluster[cluster]
    # The clusters of an owner follow one another, the one with the largest part first.
    order = np.lexsort((cluster, -by_cluster, owner, row))
    row, cluster, owner, by_cluster = row[order], cluster[order], owner[order], by_cluster[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (owner[1:] != owner[:-1])
    total = np.bincount(row, weights=by_cluster)
    share = np.add.reduceat(by_cluster, np.flatnonzero(first)) / total[row[first]] if len(row) else by_cluster
    row, cluster, owner = row[first], cluster[first], owner[first]
    order = np.lexsort((owner, -share, row))
    row, cluster, share = row[order], cluster[order], share[order]
    return Candidates(row, owners.person_of_cluster[cluster], cluster, share, np.arange(len(row)) - np.searchsorted(row, row))


def _distances(faces: np.ndarray, owner: np.ndarray, dictionary: np.ndarray, owners: Owners) -> np.ndarray:
    """Cosine distance of each row to the nearest exemplar of an owner, of all that one's clusters."""
    distance = np.empty(len(faces), dtype=np.float32)
    order = np.argsort(owner, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(owner[order])) + 1) if len(order) else []:
        low, high = np.searchsorted(owners.keys, owner[mine[0]]), np.searchsorted(owners.keys, owner[mine[0]], side="right")
        distance[mine] = 1 - (faces[mine] @ dictionary[owners.atoms[low:high]].T).max(axis=1)
    return np.clip(distance, 0, 2)


def _others(codes: Codes, place: np.ndarray, owner: np.ndarray, owners: Owners) -> np.ndarray:
    """Cosine distance of each row to the nearest exemplar of anybody else; at least that of the last of the near ones."""
    strange = owners.of_atom[codes.near[place]] != owner[:, None]
    similar = np.where(strange, codes.similar[place], -np.inf).max(axis=1)
    beyond = codes.similar[place, -1] if codes.near.shape[1] < len(owners.of_atom) else np.full(len(place), -1, dtype=np.float32)
    return np.clip(1 - np.where(np.isfinite(similar), similar, beyond), 0, 2)


def _judge(
    residual: np.ndarray,
    rest: np.ndarray,
    distance: np.ndarray,
    other: np.ndarray,
    centre: np.ndarray,
    candidates: Candidates,
    thresholds: Thresholds,
) -> Answers:
    n = len(residual)
    person, cluster = np.full((2, n), -1, dtype=np.int64)
    share, second = np.zeros((2, n), dtype=np.float32)
    first, next_ = candidates.rank == 0, candidates.rank == 1
    rows = candidates.row[first]
    person[rows], cluster[rows], share[rows] = candidates.person[first], candidates.cluster[first], candidates.share[first]
    second[candidates.row[next_]] = candidates.share[next_]
    lead, score = np.full((2, n), -np.inf, dtype=np.float32)
    lead[rows] = np.minimum(other[rows], thresholds.other_distance) - distance[rows]
    score[rows] = (
        thresholds.score_base
        + thresholds.score_share * share[rows]
        + thresholds.score_residual * residual[rows]
        + thresholds.score_lead * lead[rows]
        + thresholds.score_centre * centre[rows]
    )
    standing = np.full(n, UNKNOWN)
    answers = Answers(standing, person, cluster, share, share - second, residual, rest, distance, other, lead, centre, score, candidates)
    answers.standing[_passes(answers, thresholds, "likely")] = LIKELY
    answers.standing[_passes(answers, thresholds, "certain")] = CERTAIN
    return answers


def _passes(answers: Answers, thresholds: Thresholds, word: str) -> np.ndarray:
    # The score was fitted on what occurs; the margin and the distance keep it there.
    passed: np.ndarray = (
        (answers.score >= getattr(thresholds, f"{word}_score"))
        & (answers.margin >= getattr(thresholds, f"{word}_margin"))
        & (answers.distance <= getattr(thresholds, f"{word}_distance"))
    )
    return passed


def why(answers: Answers, row: int, thresholds: Thresholds) -> str:
    """The rule that decided an answer, in words with its numbers."""
    if answers.cluster[row] < 0:
        return "no exemplar is near enough to take part"
    named = {"share": answers.share, "residual": answers.residual, "lead": answers.lead, "centre": answers.centre}
    parts = ", ".join(f"{name} {float(values[row]):.3f}" for name, values in named.items())
    if answers.standing[row] == CERTAIN:
        return f"score {answers.score[row]:.2f} ({parts}), margin and distance are all within the bounds for certain"
    word = "certain" if answers.standing[row] != UNKNOWN else "likely"
    score, margin, distance = float(answers.score[row]), float(answers.margin[row]), float(answers.distance[row])
    least_score, least_margin = getattr(thresholds, f"{word}_score"), getattr(thresholds, f"{word}_margin")
    most_distance = getattr(thresholds, f"{word}_distance")
    rules = (
        (score < least_score, f"score {score:.2f} ({parts}) is below {least_score:.2f}"),
        (margin < least_margin, f"margin {margin:.2f} is below {least_margin:.2f}"),
        (distance > most_distance, f"distance {distance:.3f} is above {most_distance:.3f}"),
    )
    return f"not {word}: " + "; ".join(text for failed, text in rules if failed)
