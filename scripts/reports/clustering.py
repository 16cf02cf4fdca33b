"""Clusters, and ``who`` with one photo left out, by a run of the program on photos of known people."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from development_sets.indexed_folder import index_folder, largest_face

from facelib.clustering import cluster
from facelib.clustering import people as listed_people
from facelib.clustering.observations import Observations
from facelib.evaluation.groups import Score, b_cubed, pairwise
from facelib.model_zoo import registry
from facelib.model_zoo.thresholds_in_force import thresholds_in_force
from facelib.recognition.dictionary import ClusteredFaces, build_dictionary
from facelib.recognition.identify import identify
from facelib.records import CERTAIN, LIKELY, UNKNOWN
from facelib.settings import Settings
from facelib.stages.rows import arrays
from facelib.stages.setup import Setup
from facelib.store import observations, photos
from facelib.store.gallery import Gallery
from facelib.store.observation_table import table as stored
from facelib.thresholds import Thresholds
from reports.request import Figures, Request, Rows, table


def run(request: Request, embedder: str, folder: Path | None = None) -> Figures:
    """The figures of a folder with one folder a person; by default of ``celebrities-dev``."""
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            folder = Path(scratch) / "celebrities-dev"
            with zipfile.ZipFile(request.data / "celebrities-dev.zip") as archive:
                archive.extractall(folder)
        path = Path(scratch) / "gallery.sqlite"
        index_folder(folder, path, [request.detector, embedder])
        return figures(path, folder)


def figures(path: Path, folder: Path) -> Figures:
    with Gallery.read(path) as gallery:
        models = gallery.models()
        thresholds, _ = thresholds_in_force(models, Settings())
        every = stored(gallery)
        rows = arrays(gallery, Setup(models, thresholds), every)
        ids, people = largest_faces(gallery, folder)
    truth = np.full(len(every), -1)
    row_of_face = np.searchsorted(every.id, ids)
    truth[row_of_face] = people
    # A face without a cluster is a cluster of its own.
    found = np.where(every.cluster[row_of_face] >= 0, every.cluster[row_of_face], -1 - np.arange(len(row_of_face)))
    answers = [ask(rows, every.seconds, truth, int(row), thresholds) for row in row_of_face]
    standing = np.array([s for s, _ in answers])
    right = np.array([r for _, r in answers])
    return {
        "body embedder": models[registry.BODY_EMBEDDER],
        "faces": len(row_of_face),
        "people": len(np.unique(people)),
        "b-cubed": _score(b_cubed(found, people)),
        "pairwise": _score(pairwise(found, people)),
        "who": {
            "right": float(np.mean((standing > UNKNOWN) & right)),
            "certain": float(np.mean((standing == CERTAIN) & right)),
            "wrong and certain": int(((standing == CERTAIN) & ~right).sum()),
            "wrong and likely": int(((standing == LIKELY) & ~right).sum()),
        },
    }


def _score(score: Score) -> Figures:
    return {"precision": score.precision, "recall": score.recall, "f": score.f}


def largest_faces(gallery: Gallery, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Observation ids of the largest face of each photo, and the person its folder names."""
    ids, names = [], []
    for photo in photos.photos(gallery):
        best = largest_face(observations.of_photo(gallery, photo.id))
        if best is not None:
            ids.append(best.id)
            names.append(Path(photo.path).relative_to(folder).parts[0])
    return np.array(ids), np.unique(names, return_inverse=True)[1]


def subset(rows: Observations, keep: np.ndarray) -> Observations:
    """A subset of the rows, as a library without verdicts."""
    none = np.full(int(keep.sum()), -1)
    return Observations(rows.faces[keep], rows.bodies[keep], rows.photo[keep], rows.moment[keep], rows.reliability[keep], none, none)


def ask(rows: Observations, seconds: np.ndarray, truth: np.ndarray, out: int, thresholds: Thresholds) -> tuple[int, bool]:
    """Leave out the photo of row ``out``, cluster and name the rest, then identify it: its standing, and whether the answer is right."""
    keep = rows.photo != rows.photo[out]
    library, names = subset(rows, keep), truth[keep]
    found = cluster.cluster(library, thresholds).clusters
    m = int(found.max(initial=-1)) + 1
    listed = listed_people.people(library.faces, found, library.reliability, np.full(m, -1), thresholds)
    person = np.full(m, -1)
    for number in np.flatnonzero(listed):
        members = names[(found == number) & (names >= 0)]
        if len(members):
            person[number] = np.bincount(members).argmax()
    chosen = build_dictionary(ClusteredFaces(library.faces, found, library.reliability, seconds[keep], person), thresholds)
    answer = identify(rows.faces[out : out + 1], library.faces[chosen], found[chosen], person, thresholds)
    # An unnamed cluster is not a name: the answer counts as unknown.
    standing = int(answer.standing[0]) if answer.person[0] >= 0 else UNKNOWN
    return standing, bool(answer.person[0] == truth[out])


def show(of_model: Mapping[str, Figures]) -> None:
    one = next(iter(of_model.values()))
    rows: Rows = [(f"{title}: {key}", f"{title}/{key}") for title in ("b-cubed", "pairwise") for key in ("precision", "recall", "f")]
    rows += [(f"one photo left out: named {key}", f"who/{key}") for key in ("right", "certain", "wrong and certain", "wrong and likely")]
    table(f"clustering, {one['faces']} faces of {one['people']} people, one a photo", of_model, rows)
