"""The dictionary of a gallery with the names of its people, to identify faces that need not be in the gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from facelib.recognition.answers import Answers
from facelib.recognition.identify import identify
from facelib.recognition.identities import identity_keys
from facelib.recognition.one_per_photo import duplicates_in_photo
from facelib.records import NO_IDENTITY, STANDINGS, UNKNOWN, Identity, Share
from facelib.store import people
from facelib.store.dictionary import dictionary
from facelib.store.gallery import Gallery
from facelib.thresholds import Thresholds


@dataclass(frozen=True, eq=False)
class NamedDictionary:
    """Exemplars, whose they are, and their names.

    Attributes
    ----------
    exemplars : ndarray of shape (a, d), float32, rows of unit length
    cluster_of_exemplar : ndarray of shape (a,), int64
        Indices into ``clusters``.
    clusters : ndarray of shape (m,), int64, ascending
        The gallery's cluster ids.
    person_of_cluster : ndarray of shape (m,), int64
        Person ids, NO_PERSON for clusters without an owner.
    names : mapping of int to str or None
        Names by person id.
    """

    exemplars: np.ndarray
    cluster_of_exemplar: np.ndarray
    clusters: np.ndarray
    person_of_cluster: np.ndarray
    names: Mapping[int, str | None]

    @classmethod
    def read(cls, gallery: Gallery, model: str) -> NamedDictionary:
        """Read the dictionary of the face embedder of digest ``model``."""
        stored = dictionary(gallery, model)
        ids, first, index = np.unique(stored.cluster, return_index=True, return_inverse=True)
        return cls(stored.faces, index, ids, stored.person[first], people.names(gallery))

    def answer(self, faces: np.ndarray, thresholds: Thresholds) -> Answers:
        """The answer for each face, whatever photo it is in: :func:`facelib.recognition.identify.identify`."""
        return identify(faces, self.exemplars, self.cluster_of_exemplar, self.person_of_cluster, thresholds)

    def identify(self, faces: np.ndarray, photo: np.ndarray, thresholds: Thresholds) -> list[Identity]:
        """Who each face is.

        Parameters
        ----------
        faces : ndarray of shape (n, d), float32, rows of unit length
        photo : ndarray of shape (n,), int64
            Equal for faces of one photo: of these, only the best is given the same identity.
        """
        answers = self.answer(faces, thresholds)
        standing = answers.standing.copy()
        identity = np.where(standing == UNKNOWN, NO_IDENTITY, identity_keys(answers.person, answers.cluster))
        standing[duplicates_in_photo(identity, standing + answers.share, faces, photo, thresholds.same_photo_threshold)] = UNKNOWN
        return [self._identity(answers, row, int(standing[row])) for row in range(len(faces))]

    def _identity(self, answers: Answers, row: int, standing: int) -> Identity:
        shares = tuple(
            Share(person if person >= 0 else None, int(self.clusters[cluster]), self.names.get(person), share)
            for person, cluster, share in answers.shares[row]
        )
        if standing == UNKNOWN:
            return Identity(shares=shares)
        person, cluster = int(answers.person[row]), int(self.clusters[answers.cluster[row]])
        return Identity(cluster, person if person >= 0 else None, self.names.get(person), STANDINGS[standing], "auto", shares)
