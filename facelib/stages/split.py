"""Taking a person or cluster apart by looks: a stricter cut of the same linkage that joined it."""

from __future__ import annotations

import numpy as np

from facelib.clustering.constraints import Constraints
from facelib.clustering.linkage import link
from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.stages.setup import Setup
from facelib.store import observations, people
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table
from facelib.store.people import Target

STEP = 0.95
LEAST_PART = 2
"""Faces a part needs; fewer go with the nearest part, for a single odd face is no second person."""


def parts(gallery: Gallery, setup: Setup, target: Target, into: int | None = None) -> list[list[int]]:
    """The parts to take out of a person or cluster; the largest is left out of the list, for it stays.

    Parameters
    ----------
    into : int or None
        How many parts there are to be. None: the clusters of a person that has several; else the first that a falling
        threshold gives.

    Raises
    ------
    InputError
        If it does not come apart.
    """
    ids = np.array(people.members(gallery, [target]), dtype=np.int64)
    rows = table(gallery, ids)
    own = np.unique(rows.cluster[rows.cluster >= 0])
    if into is None and target.kind == "person" and len(own) > 1:
        return _listed(rows.id, rows.cluster)
    found, faces = observations.embeddings(gallery, "face", setup.card(registry.FACE_EMBEDDER).digest, ids)
    reliable = np.isin(found, rows.id[rows.reliability >= setup.thresholds.min_reliability])
    vectors = faces[reliable]
    label = _cut(vectors, setup.thresholds.second_cut, into or 2, exact=into is not None)
    if label is None:
        wanted = f"into {into} parts" if into else "by looks"
        raise InputError(f"{target.kind[0]}{target.id} does not come apart {wanted}", "name the faces to take out: --faces 12,15")
    return _listed(found, _nearest(faces, vectors, label))


def _cut(vectors: np.ndarray, start: float, wanted: int, exact: bool) -> np.ndarray | None:
    """Labels of the first falling cut that leaves ``wanted`` parts of some size (or at least as many), -1 for what is in none."""
    if len(vectors) < 2 * LEAST_PART:
        return None
    cut = start
    while cut > 0.01:
        label = link(vectors, np.ones(len(vectors), dtype=np.int64), cut, Constraints.none(len(vectors)))
        sizes = np.bincount(label)
        good = np.flatnonzero(sizes >= LEAST_PART)
        if len(good) >= wanted:
            if exact:
                good = good[np.argsort(-sizes[good], kind="stable")][:wanted]
            return np.where(np.isin(label, good), label, -1)
        cut *= STEP
    return None


def _nearest(faces: np.ndarray, leading: np.ndarray, label: np.ndarray) -> np.ndarray:
    """The part each face is nearest to, by the mean of the part."""
    names = np.unique(label[label >= 0])
    means = np.stack([leading[label == name].mean(axis=0) for name in names])
    nearest: np.ndarray = names[np.argmax(faces @ means.T, axis=1)]
    return nearest


def _listed(ids: np.ndarray, label: np.ndarray) -> list[list[int]]:
    """Ids by part, the larger first, without the largest and without those in no part."""
    names, sizes = np.unique(label[label >= 0], return_counts=True)
    order = names[np.argsort(-sizes, kind="stable")]
    return [ids[label == name].tolist() for name in order[1:]]
