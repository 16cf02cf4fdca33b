"""The people of a gallery as ``who`` needs them: exemplars, whose they are, and their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from facelib.recognition.identify import STANDINGS, UNKNOWN, Answers, assign
from facelib.recognition.one_per_photo import second_times
from facelib.records import Identity, Share
from facelib.store import clusters, observations, people
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds


@dataclass(frozen=True)
class Known:
    """The dictionary of a gallery.

    Attributes
    ----------
    exemplars : ndarray of shape (m, d), float32, rows of unit length
    cluster_of_atom : ndarray of shape (m,), int64
        Positions in ``clusters``.
    clusters : ndarray of shape (c,), int64
        The gallery's cluster ids.
    person_of_cluster : ndarray of shape (c,), int64
        Person ids, -1 for clusters without a name.
    names : mapping of int to str
        Names by person id.
    """

    exemplars: np.ndarray
    cluster_of_atom: np.ndarray
    clusters: np.ndarray
    person_of_cluster: np.ndarray
    names: Mapping[int, str | None]

    @classmethod
    def load(cls, gallery: Gallery, model: str) -> Known:
        """Read the dictionary made with the embedder of digest ``model``."""
        cluster_of, observation_of = clusters.exemplars(gallery)
        found, vectors = observations.embeddings(gallery, "face", model, observation_of)
        present = np.isin(observation_of, found)
        ids, position = np.unique(cluster_of[present], return_inverse=True)
        person = clusters.owners_of(gallery, ids)
        return cls(vectors, position, ids, person, people.names(gallery))

    def identify(self, faces: np.ndarray, photo: np.ndarray, thresholds: Thresholds) -> list[Identity]:
        """Who each face is.

        Parameters
        ----------
        faces : ndarray of shape (n, d), float32, rows of unit length
        photo : ndarray of shape (n,), int64
            Which faces share a photo: there, one person is answered once.
        """
        answers = assign(faces, self.exemplars, self.cluster_of_atom, self.person_of_cluster, thresholds)
        standing = answers.standing.copy()
        # One label for a person, one for an unnamed cluster; two faces of a photo cannot both have it.
        label = np.where(answers.person >= 0, 2 * answers.person, 2 * answers.cluster + 1)
        label[standing == UNKNOWN] = -1
        standing[second_times(label, standing + answers.share, faces, photo, thresholds.same_photo_threshold)] = UNKNOWN
        return [self._identity(answers, row, int(standing[row])) for row in range(len(faces))]

    def _identity(self, answers: Answers, row: int, standing: int) -> Identity:
        shares = tuple(
            Share(person if person >= 0 else None, int(self.clusters[place]), self.names.get(person), share)
            for person, place, share in answers.shares[row]
        )
        if standing == UNKNOWN:
            return Identity(shares=shares)
        person, cluster = int(answers.person[row]), int(self.clusters[answers.cluster[row]])
        named = person if person >= 0 else None
        return Identity(cluster, named, self.names.get(person), STANDINGS[standing], "auto", shares)
