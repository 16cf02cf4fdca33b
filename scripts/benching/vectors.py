"""Vectors on the unit sphere: made up, or read from labelled photos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, eq=False)
class LabelledVectors:
    """Embedded faces of known people.

    Attributes
    ----------
    vectors : ndarray of shape (n, d), float32, rows of unit length
    person, family : ndarray of shape (n,), int64, from 0 on
        In a set without families each person is one.
    """

    vectors: np.ndarray
    person: np.ndarray
    family: np.ndarray


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of (n, d) scaled to unit length, float32."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def random_centres(rng: np.random.Generator, count: int, dimension: int, axes: np.ndarray | float = 1.0) -> np.ndarray:
    """Directions of made-up people, (count, dimension), float32, unit rows.

    ``axes``, of shape (dimension,), stretches each axis: real networks have a few directions in which strangers are alike.
    """
    return unit(rng.normal(size=(count, dimension)) * axes)


def scatter(rng: np.random.Generator, centres: np.ndarray, spread: float) -> np.ndarray:
    """One unit vector near each centre; the cosine distance of two of one centre is about ``spread**2 / (1 + spread**2)``."""
    noise = rng.normal(size=centres.shape).astype(np.float32)
    return unit(centres + spread / np.sqrt(centres.shape[1]) * noise)


def read_labelled(source: Path) -> LabelledVectors:
    """Read labelled vectors from one of two kinds of files.

    Parameters
    ----------
    source : Path
        An .npz with ``vectors`` and ``labels``, as ``embed_folder.py`` writes it; a label ``F0012/MID1`` is a member of the family
        ``F0012``. Or the gallery of a folder that holds one folder a person; of each photo the widest face counts.
    """
    if source.suffix != ".npz":
        vectors, folders = _from_gallery(source)
        person = np.unique(folders, return_inverse=True)[1]
        return LabelledVectors(vectors, person, person)
    with np.load(source) as stored:
        vectors, labels = stored["vectors"].astype(np.float32), stored["labels"].astype(str)
    person = np.unique(labels, return_inverse=True)[1]
    return LabelledVectors(vectors, person, np.unique([label.split("/")[0] for label in labels.tolist()], return_inverse=True)[1])


def _from_gallery(source: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and the folders their photos lie in."""
    from facelib.model_zoo import registry
    from facelib.stages.rows import vectors
    from facelib.store import observations, photos
    from facelib.store.gallery import Gallery

    with Gallery.read(source) as gallery:
        ids, folders = [], []
        for photo in photos.photos(gallery):
            faces = [row for row in observations.of_photo(gallery, photo.id) if row.face is not None]
            if faces:
                ids.append(max(faces, key=lambda row: row.face.box[2] - row.face.box[0] if row.face else 0).id)
                folders.append(str(Path(photo.path).parent))
        order = np.argsort(ids)
        card = registry.card(gallery.models()[registry.FACE_EMBEDDER])
        return vectors(gallery, "face", card, np.array(ids)[order], subset=True), np.array(folders)[order]
