"""The development sets, read from their zip files: one face a photo, detected, aligned and embedded as the program does it.

With a cache folder, detected faces and embeddings are stored there, one ``.npz`` for each set, detector and embedder. The files of
embeddings hold ``vectors`` and ``labels``, so scripts that take ``SET.npz`` read them too.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from development_sets.array_cache import read_arrays, write_arrays
from facelib.errors import PhotoError
from facelib.model_zoo import registry
from facelib.photos.decode import decode
from facelib.records import Face, Picture
from facelib.thresholds import Thresholds
from facelib.vision.crops import face_chips
from facelib.vision.faces import find_faces
from facelib.vision.loader import load_face_detector, load_face_embedder, load_face_judge
from facelib.vision.protocols import FaceEmbedder

CENTRAL, LARGEST = "central", "largest"
SUBJECT = {"lfw-devtest": CENTRAL, "families-dev": LARGEST, "celebrities-dev": LARGEST}
"""The face of a photo that its folder names: photos of LFW are centred on it, in the others it is the largest."""
JUDGE = registry.DEFAULTS[registry.FACE_JUDGE]
PICTURES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, eq=False)
class Subjects:
    """The face of the subject of each photo of a set.

    Attributes
    ----------
    files : ndarray of shape (n,), str
        Paths in the zip, sorted.
    landmarks : ndarray of shape (n, 5, 2), float64
        In pixels of the full-size photo; NaN where no face was found.
    boxes : ndarray of shape (n, 4), float64
    reliability : ndarray of shape (n,), float64
        0 where no face was found.
    """

    files: np.ndarray
    landmarks: np.ndarray
    boxes: np.ndarray
    reliability: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        return np.isfinite(self.landmarks).all(axis=(1, 2))


@dataclass(frozen=True, eq=False)
class Labelled:
    """Embedded faces whose people are known, one a photo.

    Attributes
    ----------
    files, labels : ndarray of shape (n,), str
        Path of the photo in the zip, and its folder: the person, in some sets within a family (``F0012/MID1``).
    vectors : ndarray of shape (n, d), float32
        Of unit length.
    reliability : ndarray of shape (n,), float64
    photos : int
        Number of photos; in ``photos - n`` of them no face was found.
    """

    files: np.ndarray
    labels: np.ndarray
    vectors: np.ndarray
    reliability: np.ndarray
    photos: int

    @property
    def person(self) -> np.ndarray:
        return np.unique(self.labels, return_inverse=True)[1]

    @property
    def family(self) -> np.ndarray:
        return np.unique([label.split("/")[0] for label in self.labels.tolist()], return_inverse=True)[1]


def labelled(data: Path, name: str, detector: str, embedder: str, cache: Path | None) -> Labelled:
    """A set, embedded.

    Parameters
    ----------
    data : Path
        The folder with the zip files.
    name : str
        One of :data:`SUBJECT`.
    cache : Path or None
    """
    path = cache / f"{name}.{detector}.{embedder}.npz" if cache else None
    digest = f"{_digest(detector)} {registry.card(embedder).digest}"
    arrays = read_arrays(path, digest)
    if arrays is None:
        found = subjects(data, name, detector, cache)
        vectors = embedded(data / f"{name}.zip", found, load_face_embedder(embedder, "cpu", 1))
        labels = np.array([str(Path(file).parent) for file in found.files[found.seen].tolist()])
        arrays = {"vectors": vectors, "labels": labels, "files": found.files[found.seen], "reliability": found.reliability[found.seen]}
        arrays["photos"] = np.array(len(found.files))
        write_arrays(path, digest, arrays)
    return Labelled(arrays["files"], arrays["labels"], arrays["vectors"], arrays["reliability"], int(arrays["photos"]))


def subjects(data: Path, name: str, detector: str, cache: Path | None) -> Subjects:
    """The subject of each photo of a set."""
    path = cache / f"{name}.{detector}.faces.npz" if cache else None
    digest = _digest(detector)
    arrays = read_arrays(path, digest)
    if arrays is None:
        arrays = _detect(data / f"{name}.zip", detector, SUBJECT[name])
        write_arrays(path, digest, arrays)
    return Subjects(arrays["files"], arrays["landmarks"], arrays["boxes"], arrays["reliability"])


def pictures(archive: Path, files: list[str]) -> Iterator[Picture | None]:
    """The photos of a zip, decoded as the program does; None for one that cannot be read."""
    thresholds = Thresholds()
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(archive) as opened:
        for file in files:
            path = Path(scratch) / f"photo{Path(file).suffix}"
            path.write_bytes(opened.read(file))
            try:
                yield decode(path, thresholds.working_side, thresholds.max_pixels)
            except PhotoError:
                yield None


def photo_files(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return sorted(name for name in opened.namelist() if name.lower().endswith(PICTURES))


def _detect(archive: Path, name: str, which: str) -> dict[str, np.ndarray]:
    detector, judge = load_face_detector(name, "cpu", 1), load_face_judge(JUDGE, "cpu", 1)
    thresholds = Thresholds().override(dict(registry.card(name).thresholds))
    files = photo_files(archive)
    landmarks, boxes, reliability = np.full((len(files), 5, 2), np.nan), np.full((len(files), 4), np.nan), np.zeros(len(files))
    for row, picture in enumerate(pictures(archive, files)):
        face = subject(find_faces(detector, picture, thresholds), picture, which) if picture else None
        if face is not None and picture is not None:
            (face,) = judge.judge(picture, [face])
            landmarks[row], boxes[row], reliability[row] = face.landmarks, face.box, face.reliability
    return {"files": np.array(files), "landmarks": landmarks, "boxes": boxes, "reliability": reliability}


def _digest(detector: str) -> str:
    """Of the models that decide which faces there are and how reliable they are."""
    return f"{registry.card(detector).digest} {registry.card(JUDGE).digest}"


def subject(faces: list[Face], picture: Picture, which: str) -> Face | None:
    """The largest face, or the one whose centre is nearest to that of the picture."""
    if which == LARGEST or not faces:
        return faces[0] if faces else None
    middle = np.array([picture.width, picture.height]) / 2
    return min(faces, key=lambda face: float(np.linalg.norm((np.array(face.box[:2]) + face.box[2:]) / 2 - middle)))


def embedded(archive: Path, found: Subjects, embedder: FaceEmbedder) -> np.ndarray:
    """Unit vectors of the faces that were seen: ndarray of shape (n, d), float32."""
    rows, chips = [], []
    seen = np.flatnonzero(found.seen)
    for row, picture in zip(seen, pictures(archive, found.files[seen].tolist()), strict=True):
        assert picture is not None
        points = found.landmarks[row] / np.array(picture.scale)
        chips.append(face_chips(picture.pixels, points[None], embedder.card.template or (), embedder.card.input_size)[0])
        if len(chips) == 32:
            rows.append(embedder.embed(np.stack(chips)))
            chips = []
    if chips:
        rows.append(embedder.embed(np.stack(chips)))
    return np.concatenate(rows) if rows else np.zeros((0, embedder.card.dimension), dtype=np.float32)
