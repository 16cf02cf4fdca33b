"""Open-set trials asked of a library: which faces lie in it, how they are clustered, and which faces are asked for.

In each trial 1, 3, 10, 30 or 100 people have names, and 0, 5, 50 or all photos of some strangers lie in the library without a
name, as does now and then a photo of a named person. Then other photos of the named people, of strangers and of members of their
families (siblings) are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.evaluation.open_set import KNOWN, SIBLING, STRANGER, trial
from facelib.recognition.answers import Answers
from facelib.recognition.dictionary import ClusteredFaces, build_dictionary
from facelib.recognition.identify import identify
from facelib.thresholds import Thresholds

NAMED_PEOPLE = (1, 3, 10, 30, 100)
UNNAMED_PHOTOS = (0, 5, 50, 100_000)
MAX_ASKED = 300
"""Faces of each kind asked for in one trial."""


@dataclass(frozen=True, eq=False)
class Questions:
    """One trial.

    Attributes
    ----------
    named, unnamed : ndarray of int64
        Rows of the library: of people with a name, and the others.
    probes : ndarray of shape (p,), int64
        Rows that are asked for.
    kind : ndarray of shape (p,), int64
        KNOWN, STRANGER or SIBLING.
    """

    named: np.ndarray
    unnamed: np.ndarray
    probes: np.ndarray
    kind: np.ndarray

    def unnamed_labels(self, person: np.ndarray) -> np.ndarray:
        """The cluster of each unnamed row: strangers are clustered by person, a photo of a named person is a cluster of its own."""
        label = person[self.unnamed].copy()
        single = np.isin(label, person[self.named])
        label[single] = person.max() + 1 + np.arange(single.sum())
        return label


def draw_questions(person: np.ndarray, family: np.ndarray, number: int, rng: np.random.Generator) -> Questions:
    """Trial ``number`` of a series, which takes :data:`NAMED_PEOPLE` and :data:`UNNAMED_PHOTOS` in turn."""
    drawn = trial(person, family, NAMED_PEOPLE[number % len(NAMED_PEOPLE)], UNNAMED_PHOTOS[number % len(UNNAMED_PHOTOS)], rng)
    chosen = np.concatenate([rng.permutation(np.flatnonzero(drawn.kind == kind))[:MAX_ASKED] for kind in (KNOWN, STRANGER, SIBLING)])
    return Questions(drawn.named, drawn.unnamed, drawn.probes[chosen], drawn.kind[chosen])


def answer_by_sparse_coding(
    probes: np.ndarray, named: np.ndarray, label: np.ndarray, unnamed: np.ndarray, unnamed_label: np.ndarray, thresholds: Thresholds
) -> Answers:
    """The program's own answers.

    Parameters
    ----------
    probes, named, unnamed : ndarray of shape (n, d), float32, rows of unit length
    label, unnamed_label : ndarray of int64
        The person of each named face, and the cluster of each unnamed one; no number is in both.
    """
    faces = np.concatenate([named, unnamed])
    keys, cluster = np.unique(np.concatenate([label, unnamed_label]), return_inverse=True)
    owner = np.where(np.isin(keys, label), keys, -1)
    library = ClusteredFaces(faces, cluster, np.ones(len(faces)), np.full(len(faces), np.nan), owner)
    rows = build_dictionary(library, thresholds)
    return identify(probes, faces[rows], cluster[rows], owner, thresholds)
