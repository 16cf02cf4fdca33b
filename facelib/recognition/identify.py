"""Identification: the shares of people in the sparse code of each face, and whether they suffice for an answer."""

from __future__ import annotations

import numpy as np

from facelib.recognition import standing
from facelib.recognition.answers import Answers
from facelib.recognition.candidates import Candidates
from facelib.recognition.identities import Identities
from facelib.recognition.sparse_code import SparseCodes, sparse_encode
from facelib.thresholds import Thresholds

READS = ("sparsity", "shortlist", *standing.READS)
BATCH = 16384
"""Faces encoded together: bounds the memory their codes take."""


def identify(
    faces: np.ndarray,
    dictionary: np.ndarray,
    cluster_of_exemplar: np.ndarray,
    person_of_cluster: np.ndarray,
    thresholds: Thresholds,
) -> Answers:
    """Find the person, or the unnamed cluster, that each face shows.

    Each face is written as a sparse non-negative mixture of exemplars; the identity with the largest share of the
    coefficients is the first candidate (sparse representation classification, Wright et al. 2009).

    Parameters
    ----------
    faces : ndarray of shape (n, d), float32, rows of unit length, or zero without a face (these stay unknown)
    dictionary : ndarray of shape (a, d), float32, rows of unit length
        The exemplars.
    cluster_of_exemplar : ndarray of shape (a,), int64, indices into ``person_of_cluster``
    person_of_cluster : ndarray of shape (m,), int64, NO_PERSON for unnamed
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    """
    faces, dictionary = np.asarray(faces, dtype=np.float32), np.asarray(dictionary, dtype=np.float32)
    identities = Identities.of(np.asarray(cluster_of_exemplar, dtype=np.int64), np.asarray(person_of_cluster, dtype=np.int64))
    n = len(faces)
    rows = np.flatnonzero(np.any(faces, axis=1)) if len(dictionary) else np.empty(0, dtype=np.int64)
    residual, residual_vector = np.ones(n, dtype=np.float32), faces.copy()
    distance, other_distance, centre_distance = np.full((3, n), np.inf, dtype=np.float32)
    keys, means = identities.means(dictionary)
    parts = [Candidates.none(identities)]
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        codes = sparse_encode(faces[batch], dictionary, thresholds.sparsity, thresholds.shortlist)
        residual[batch], residual_vector[batch] = codes.residual, codes.residual_vector
        of_batch, used = np.nonzero(codes.coefficients)
        coefficient = codes.coefficients[of_batch, used].astype(np.float64)
        candidates = Candidates.of(batch[of_batch], codes.indices[of_batch, used], coefficient, identities)
        first, answered = candidates.first_identity(identities), candidates.first_rows
        distance[answered] = _distance_to(first, faces[answered], dictionary, identities)
        other_distance[answered] = _distance_to_others(first, codes, np.searchsorted(batch, answered), identities)
        centre_distance[answered] = 1 - np.einsum("ij,ij->i", faces[answered], means[np.searchsorted(keys, first)])
        parts.append(candidates)
    measured = (residual, residual_vector, distance, other_distance, centre_distance)
    return standing.judge_answers(Candidates.concatenate(parts), *measured, thresholds)


def _distance_to(identity: np.ndarray, faces: np.ndarray, dictionary: np.ndarray, identities: Identities) -> np.ndarray:
    """Cosine distance of each face to the nearest exemplar of an identity: ndarray of shape (n,), float32."""
    distance = np.empty(len(faces), dtype=np.float32)
    order = np.argsort(identity, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(identity[order])) + 1) if len(order) else []:
        exemplars = identities.exemplars_of(int(identity[rows[0]]))
        distance[rows] = 1 - (faces[rows] @ dictionary[exemplars].T).max(axis=1)
    return np.clip(distance, 0, 2)


def _distance_to_others(identity: np.ndarray, codes: SparseCodes, row: np.ndarray, identities: Identities) -> np.ndarray:
    """Cosine distance of rows of the codes to the nearest exemplar of any other identity: ndarray of shape (n,), float32.

    Where the whole shortlist is of that identity, the last of the shortlist is the bound: no exemplar of another one is nearer. If
    the shortlist is the whole dictionary then, there is no other exemplar, and the distance is the greatest possible.
    """
    of_others = identities.of_exemplar[codes.nearest[row]] != identity[:, None]
    cosine = np.where(of_others, codes.nearest_cosine[row], -np.inf).max(axis=1)
    complete = codes.nearest.shape[1] == len(identities.of_exemplar)
    bound = np.full(len(row), -1, dtype=np.float32) if complete else codes.nearest_cosine[row, -1]
    return np.clip(1 - np.where(np.isfinite(cosine), cosine, bound), 0, 2)
