"""The answers to "who is it?" for many faces, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facelib.recognition.candidates import Candidates

MAX_SHARES = 5
"""Candidates of a face that are reported, at most."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The answer for each face. All columns but ``standing`` describe its first candidate, even if the standing is UNKNOWN.

    A face without any candidate has share and margin 0, NO_PERSON and NO_CLUSTER.

    Attributes
    ----------
    standing : ndarray of shape (n,), int64
        UNKNOWN, LIKELY or CERTAIN.
    person : ndarray of shape (n,), int64
        NO_PERSON where the first candidate is an unnamed cluster.
    cluster : ndarray of shape (n,), int64
        The unnamed cluster, or that of the person's clusters with the largest share.
    share, margin : ndarray of shape (n,), float32, 0..1
        Part of the sum of coefficients, and how much larger that is than the second candidate's.
    residual : ndarray of shape (n,), float32, 0..1
        Length of ``residual_vector``.
    residual_vector : ndarray of shape (n, d), float32
        What the sparse code leaves unexplained, ``y - D x``; the face itself where there is no code.
    distance : ndarray of shape (n,), float32
        Cosine distance to the nearest exemplar of the first candidate; infinity without one.
    other_distance : ndarray of shape (n,), float32
        Cosine distance to the nearest exemplar of anybody else; infinity without a candidate.
    lead : ndarray of shape (n,), float32
        ``other_distance``, at most the threshold of that name, less ``distance``; minus infinity without a candidate.
    centre_distance : ndarray of shape (n,), float32
        Cosine distance to the mean of all exemplars of the first candidate.
    score : ndarray of shape (n,), float32
        Log odds that the first candidate is right, if known people and strangers occur equally often.
    candidates : Candidates
    """

    standing: np.ndarray
    person: np.ndarray
    cluster: np.ndarray
    share: np.ndarray
    margin: np.ndarray
    residual: np.ndarray
    residual_vector: np.ndarray
    distance: np.ndarray
    other_distance: np.ndarray
    lead: np.ndarray
    centre_distance: np.ndarray
    score: np.ndarray
    candidates: Candidates

    def __len__(self) -> int:
        return len(self.standing)

    @cached_property
    def shares(self) -> list[list[tuple[int, int, float]]]:
        """For each face (person, cluster, share) of its first :data:`MAX_SHARES` candidates."""
        listed: list[list[tuple[int, int, float]]] = [[] for _ in range(len(self))]
        c = self.candidates
        few = c.rank < MAX_SHARES
        columns = (c.row[few], c.person[few], c.cluster[few], c.share[few])
        for row, person, cluster, share in zip(*(column.tolist() for column in columns), strict=True):
            listed[row].append((person, cluster, share))
        return listed
