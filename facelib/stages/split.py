"""Splitting a person or cluster by faces: a lower threshold of the same linkage that joined it."""

from __future__ import annotations

import numpy as np

from facelib.clustering.linkage import link
from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.records import NO_CLUSTER
from facelib.stages.setup import Setup
from facelib.store import observations, people
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table
from facelib.store.people import Target

STEP = 0.95
LOWEST = 0.01
"""Thresholds tried: each is STEP of the one before, down to this."""
MIN_FACES = 2
"""Faces a part needs; fewer go with the nearest part, because a single odd face is no second person."""


def parts(gallery: Gallery, setup: Setup, target: Target, into: int | None = None) -> list[list[int]]:
    """The parts to take out of a person or cluster, as observation ids; the largest is left out of the list, because it stays.

    Parameters
    ----------
    into : int or None
        How many parts to make. None: the clusters of a person that has several; else the first that a falling threshold gives.

    Raises
    ------
    InputError
        If it does not come apart.
    """
    ids = np.array(people.members(gallery, [target]), dtype=np.int64)
    rows = table(gallery, ids)
    own = np.unique(rows.cluster[rows.cluster >= 0])
    if into is None and target.kind == "person" and len(own) > 1:
        return _smaller_parts(rows.id, rows.cluster)
    with_face, faces = observations.embeddings(gallery, "face", setup.card(registry.FACE_EMBEDDER).digest, ids)
    reliable = np.isin(with_face, rows.id[rows.reliability >= setup.thresholds.min_reliability])
    vectors = faces[reliable]
    label = _cut(vectors, setup.thresholds.split_threshold, into or 2, exact=into is not None)
    if label is None:
        wanted = f"into {into} parts" if into else "by looks"
        raise InputError(f"{target} does not come apart {wanted}", "name the faces to take out: --faces 12,15")
    return _smaller_parts(with_face, _nearest_part(faces, vectors, label))


def _cut(vectors: np.ndarray, threshold: float, wanted: int, exact: bool) -> np.ndarray | None:
    """Labels of the first falling threshold with at least ``wanted`` parts of :data:`MIN_FACES` faces; None if there is none.

    If ``exact``, only the ``wanted`` largest parts count. Rows of other parts have ``NO_CLUSTER``.
    """
    if len(vectors) < 2 * MIN_FACES:
        return None
    while threshold > LOWEST:
        label = link(vectors, np.ones(len(vectors), dtype=np.int64), threshold)
        sizes = np.bincount(label)
        large = np.flatnonzero(sizes >= MIN_FACES)
        if len(large) >= wanted:
            if exact:
                large = large[np.argsort(-sizes[large], kind="stable")][:wanted]
            return np.where(np.isin(label, large), label, NO_CLUSTER)
        threshold *= STEP
    return None


def _nearest_part(faces: np.ndarray, vectors: np.ndarray, label: np.ndarray) -> np.ndarray:
    """The part nearest to each face, by the mean of the labelled vectors of the part: ndarray of shape (n,), int64."""
    labels = np.unique(label[label >= 0])
    means = np.stack([vectors[label == each].mean(axis=0) for each in labels])
    nearest: np.ndarray = labels[np.argmax(faces @ means.T, axis=1)]
    return nearest


def _smaller_parts(ids: np.ndarray, label: np.ndarray) -> list[list[int]]:
    """Ids by part, the larger first, without the largest and without those in no part."""
    labels, sizes = np.unique(label[label >= 0], return_counts=True)
    order = labels[np.argsort(-sizes, kind="stable")]
    return [ids[label == each].tolist() for each in order[1:]]
