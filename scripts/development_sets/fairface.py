"""The FairFace part of ``faces-unlabelled``: held-out faces with race, gender and age, embedded, without repeats.

Networks of this project are trained on these faces, except those whose index in the table ends in ``HELD_OUT``; only these are
read here. Their black corners are filled in another way than for training, so that no network profits from it.

FairFace has no identities, so two pictures count as two people. That is not quite true: some people occur several times, more
often in some groups than in others, and such pairs would count as false matches. Two faces that are nearer than :data:`REPEATED` for
*both* reference models (the embeddings that come with the data, of face-reid-0095, and dlib-resnet) count as one person, and all
but the first of each such group are dropped. Pictures that are nearly equal are dropped too, and faces with a detector score below
:data:`LEAST_SCORE`: profiles and hardly visible faces.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from development_sets.array_cache import read_arrays, write_arrays
from facelib.evaluation.canvas import without_corners
from facelib.evaluation.duplicates import thumbnails, without_repeats
from facelib.evaluation.pairs import close_pairs
from facelib.model_zoo import registry
from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.training.faces_dataset import HELD_OUT, SIDE, read_teacher
from facelib.vision.crops import face_chips
from facelib.vision.loader import load_face_embedder
from facelib.vision.protocols import FaceEmbedder

LEAST_SCORE = 0.8
SAME_PICTURE = 0.96
REPEATED = {"face-reid-0095": 0.35, "dlib-resnet": 0.25}
LANDMARKS = np.array(scaled(ARCFACE_112, SIDE / 112))
RACES = ("White", "Black", "East Asian", "Southeast Asian", "Indian", "Latino_Hispanic", "Middle Eastern")
AGES = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70")


@dataclass(frozen=True, eq=False)
class Table:
    """Held-out faces: their index in the data, and the labels of FairFace."""

    index: np.ndarray
    race: np.ndarray
    gender: np.ndarray
    age: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: np.ndarray) -> Table:
        return Table(self.index[rows], self.race[rows], self.gender[rows], self.age[rows])


def table(data: Path, least_score: float = LEAST_SCORE) -> tuple[Table, int]:
    """The held-out faces with at least this detector score, and how many have a lower one."""
    with (data / "faces-unlabelled.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["source"] == "fairface" and int(row["index"]) % 10 == HELD_OUT]
    good = [row for row in rows if float(row["detector_score"] or 0) >= least_score]
    columns = (np.array([row[key] for row in good]) for key in ("race", "gender", "age"))
    return Table(np.array([int(row["index"]) for row in good]), *columns), len(rows) - len(good)


def pictures(data: Path, index: np.ndarray) -> np.ndarray:
    """The aligned faces, their black corners filled: ndarray of shape (n, 128, 128, 3), uint8."""
    made = np.empty((len(index), SIDE, SIDE, 3), dtype=np.uint8)
    with zipfile.ZipFile(data / "faces-unlabelled.zip") as faces:
        for row, number in enumerate(index.tolist()):
            made[row] = without_corners(np.asarray(Image.open(io.BytesIO(faces.read(f"{number:05d}.webp"))).convert("RGB")))
    return made


def vectors_of(pixels: np.ndarray, embedder: FaceEmbedder) -> np.ndarray:
    """Embeddings of such pictures, (n, d), float32, unit rows."""
    card, rows = embedder.card, []
    for start in range(0, len(pixels), 32):
        batch = pixels[start : start + 32]
        chips = [face_chips(picture, LANDMARKS[None], card.template or (), card.input_size) for picture in batch]
        rows.append(embedder.embed(np.concatenate(chips)))
    return np.concatenate(rows)


def embedded(data: Path, faces: Table, pixels: np.ndarray, name: str, cache: Path | None) -> np.ndarray:
    """Embeddings of faces, (n, d), float32, unit rows; stored in the cache."""
    card = registry.card(name)
    path = cache / f"fairface-held-out.{name}.npz" if cache else None
    arrays = read_arrays(path, card.digest)
    if arrays is None or not np.array_equal(arrays["index"], faces.index):
        arrays = {"index": faces.index, "vectors": vectors_of(pixels, load_face_embedder(name, "cpu", 1))}
        write_arrays(path, card.digest, arrays)
    return arrays["vectors"]


def teacher_embeddings(data: Path, index: np.ndarray) -> np.ndarray:
    """The embeddings of face-reid-0095 that come with the data, for those faces."""
    return read_teacher(data / "faces-unlabelled-teacher.npz")[index]


def different_people(data: Path, faces: Table, pixels: np.ndarray, cache: Path | None) -> tuple[np.ndarray, dict[str, int]]:
    """Which faces to keep so that no two are likely one person, and how many are dropped for which reason."""
    same_picture = close_pairs(thumbnails(pixels[:, 16:112, 16:112]), 1 - SAME_PICTURE)
    near = close_pairs(teacher_embeddings(data, faces.index), REPEATED["face-reid-0095"])
    vectors = embedded(data, faces, pixels, "dlib-resnet", cache)
    agreed = 1 - np.einsum("ij,ij->i", vectors[near[:, 0]], vectors[near[:, 1]]) < REPEATED["dlib-resnet"]
    without_copies = without_repeats(len(faces), same_picture)
    keep = without_repeats(len(faces), np.concatenate([same_picture, near[agreed]]))
    dropped = {"same picture": int((~without_copies).sum()), "likely the same person": int((without_copies & ~keep).sum())}
    return keep, dropped
