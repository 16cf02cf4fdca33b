"""The faces to train on: unpacked once into arrays on disk, with black corners filled, then read as needed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from facelib.vision.centering import unit_rows

SIDE = 128
HELD_OUT = 7
"""Faces whose index ends in this digit are never trained on: fairness is measured on these."""
_DARK = 12
_CHUNK = 512


@dataclass(frozen=True)
class FaceTable:
    """The table beside ``faces-unlabelled.zip``.

    Attributes
    ----------
    index : ndarray of shape (n,), int64
    score : ndarray of shape (n,), float32
        The detector's score, 0..1.
    child : ndarray of bool of shape (n,)
        Younger than ten.
    """

    index: np.ndarray
    score: np.ndarray
    child: np.ndarray

    @property
    def trained(self) -> np.ndarray:
        """Rows that may be trained on: ndarray of bool of shape (n,)."""
        return self.index % 10 != HELD_OUT


def read_table(path: Path) -> FaceTable:
    """Read ``faces-unlabelled.csv``; a missing score counts as 0. Ages read ``3-9``, ``07`` or ``more than 70``."""
    with path.open(newline="") as stream:
        rows = [(int(row["index"]), float(row["detector_score"] or 0), row["age"]) for row in csv.DictReader(stream)]
    index, score, age = zip(*rows, strict=True)
    child = [(least := years.split("-")[0]).isdigit() and int(least) < 10 for years in age]
    return FaceTable(np.array(index, dtype=np.int64), np.array(score, dtype=np.float32), np.array(child))


def read_teacher(path: Path) -> np.ndarray:
    """The embeddings that come with the faces (npz: ``q`` int8, ``scale``): ndarray of shape (n, d), float32, rows of unit length."""
    with np.load(path) as packed:
        return unit_rows(packed["q"].astype(np.float32) * packed["scale"])


def unpack_faces(archive: Path, indices: np.ndarray, path: Path) -> np.ndarray:
    """The faces of a zip as one array on disk, written if it does not exist.

    Parameters
    ----------
    archive : Path
        Holds ``00000.webp``, ... of 128x128.
    indices : ndarray of shape (n,), int64
    path : Path
        The ``.npy`` file.

    Returns
    -------
    ndarray of shape (n, 128, 128, 3), uint8, RGB, read from disk as it is used
    """
    if not path.exists():
        unfinished = path.with_suffix(".part.npy")
        faces = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.uint8, shape=(len(indices), SIDE, SIDE, 3))
        with zipfile.ZipFile(archive) as source:
            for row, index in enumerate(indices.tolist()):
                with Image.open(io.BytesIO(source.read(f"{index:05d}.webp"))) as picture:
                    faces[row] = fill_corners(np.asarray(picture.convert("RGB")))
        faces.flush()
        unfinished.replace(path)
    return np.load(path, mmap_mode="r")


def fill_corners(face: np.ndarray) -> np.ndarray:
    """Fill the parts outside of the original picture: black runs at the ends of rows, then of columns, repeat their neighbour.

    Parameters
    ----------
    face : ndarray of shape (h, w, 3), uint8

    Returns
    -------
    ndarray of the same shape
        A new array; unchanged where nothing at the border is black.
    """
    filled = _fill_rows(face)
    return np.ascontiguousarray(_fill_rows(filled.transpose(1, 0, 2)).transpose(1, 0, 2))


def _fill_rows(face: np.ndarray) -> np.ndarray:
    width = face.shape[1]
    light = face.max(axis=2) >= _DARK
    lit = light.any(axis=1)
    first = np.where(lit, light.argmax(axis=1), 0)
    last = np.where(lit, width - 1 - light[:, ::-1].argmax(axis=1), width - 1)
    # Lossy compression greys the seam: step one pixel further in.
    first = np.where(first > 0, np.minimum(first + 1, last), first)
    last = np.where(last < width - 1, np.maximum(last - 1, first), last)
    columns = np.clip(np.arange(width), first[:, None], last[:, None])
    return np.take_along_axis(face, columns[..., None], axis=1)


def chunks(faces: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Successive slices of a large array, with the part of the array they select."""
    for start in range(0, len(faces), _CHUNK):
        rows = slice(start, min(start + _CHUNK, len(faces)))
        yield rows, np.asarray(faces[rows])
