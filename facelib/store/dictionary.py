"""The dictionary: which observations are exemplars of which clusters, and their faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facelib.records import NO_PERSON
from facelib.store import vectors
from facelib.store.clusters import Ids
from facelib.store.connection import damaged
from facelib.store.gallery import Gallery


@dataclass(frozen=True, eq=False)
class Dictionary:
    """The exemplars that have a face embedding of one model.

    Attributes
    ----------
    observation : ndarray of shape (a,), int64, ascending
    cluster : ndarray of shape (a,), int64
    person : ndarray of shape (a,), int64
        The owner of the cluster, or NO_PERSON.
    faces : ndarray of shape (a, d), float32, rows of unit length; (0, 0) where there is none
    """

    observation: np.ndarray
    cluster: np.ndarray
    person: np.ndarray
    faces: np.ndarray

    def __len__(self) -> int:
        return len(self.observation)

    @property
    def rows(self) -> np.ndarray:
        """Observation, cluster and person of each exemplar: ndarray of shape (a, 3), int64."""
        return np.stack([self.observation, self.cluster, self.person], axis=1)


def dictionary(gallery: Gallery, model: str) -> Dictionary:
    """Read the dictionary.

    Parameters
    ----------
    model : str
        Digest of the face embedder's card.

    Raises
    ------
    GalleryError
        If a stored vector is damaged.
    """
    rows = gallery.db.execute(
        f"SELECT x.observation_id, x.cluster_id, coalesce(c.person_id, {NO_PERSON}), e.vector"
        " FROM exemplars x JOIN clusters c ON c.id = x.cluster_id"
        " JOIN face_embeddings e ON e.observation_id = x.observation_id WHERE e.model = ? ORDER BY x.observation_id",
        (model,),
    ).fetchall()
    keys = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    blobs = [row[3] for row in rows]
    try:
        faces = vectors.decode(blobs, len(blobs[0]) // 2 if blobs else 0)
    except ValueError as error:
        raise damaged(gallery.path, str(error)) from error
    return Dictionary(keys[:, 0].copy(), keys[:, 1].copy(), keys[:, 2].copy(), faces)


def exemplars(gallery: Gallery) -> tuple[np.ndarray, np.ndarray]:
    """Clusters and observations of all exemplars, two arrays of shape (a,), int64, by observation."""
    rows = gallery.db.execute("SELECT cluster_id, observation_id FROM exemplars ORDER BY observation_id").fetchall()
    pairs = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0].copy(), pairs[:, 1].copy()


def put_exemplars(gallery: Gallery, clusters: Ids, observations: Ids) -> None:
    """Replace the dictionary by these pairs of a cluster and one of its exemplars."""
    with gallery.atomic():
        gallery.db.execute("DELETE FROM exemplars")
        pairs = ((int(o), int(c)) for c, o in zip(clusters, observations, strict=True))
        gallery.db.executemany("INSERT INTO exemplars (observation_id, cluster_id) VALUES (?, ?)", pairs)
