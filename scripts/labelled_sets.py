"""The development sets, read from their zip files: one face a photo, found, aligned and embedded as the program does it.

Used by ``evaluate.py`` and ``calibrate.py``. With a cache folder the faces found and the embeddings are kept there, one
``.npz`` for each set, detector and embedder, and read again as long as the weights are the same; the files of embeddings
hold ``vectors`` and ``labels``, so they also serve the scripts that take ``SET.npz``.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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
"""Which face of a photo is the one its folder names: LFW's are centred on their subject, the others cut around it."""
JUDGE = registry.DEFAULTS[registry.FACE_JUDGE]
PICTURES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, eq=False)
class Found:
    """The subject of each photo of a set, as a detector sees it.

    Attributes
    ----------
    files : ndarray of shape (n,), str
        Paths in the zip, sorted.
    landmarks : ndarray of shape (n, 5, 2), float64
        In pixels of the full-size photo; NaN where nobody was found.
    boxes : ndarray of shape (n, 4), float64
    reliability : ndarray of shape (n,), float64
        0 where nobody was found.
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
        Path of the photo in the zip, and the folder it lies in: the person, perhaps within a family (``F0012/MID1``).
    vectors : ndarray of shape (n, d), float32
        Of unit length.
    reliability : ndarray of shape (n,), float64
    photos : int
        Photos there are; in ``photos - n`` of them nobody was found.
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
    kept = cache / f"{name}.{detector}.{embedder}.npz" if cache else None
    digest = f"{_digest(detector)} {registry.card(embedder).digest}"
    held = _read(kept, digest)
    if held is None:
        found = subjects(data, name, detector, cache)
        vectors = embedded(data / f"{name}.zip", found, load_face_embedder(embedder, "cpu", 1))
        labels = np.array([str(Path(file).parent) for file in found.files[found.seen].tolist()])
        held = {"vectors": vectors, "labels": labels, "files": found.files[found.seen], "reliability": found.reliability[found.seen]}
        held["photos"] = np.array(len(found.files))
        _keep(kept, digest, held)
    return Labelled(held["files"], held["labels"], held["vectors"], held["reliability"], int(held["photos"]))


def subjects(data: Path, name: str, detector: str, cache: Path | None) -> Found:
    """The subject of each photo of a set."""
    kept = cache / f"{name}.{detector}.faces.npz" if cache else None
    digest = _digest(detector)
    held = _read(kept, digest)
    if held is None:
        held = _found(data / f"{name}.zip", detector, SUBJECT[name])
        _keep(kept, digest, held)
    return Found(held["files"], held["landmarks"], held["boxes"], held["reliability"])


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


def _found(archive: Path, name: str, which: str) -> dict[str, np.ndarray]:
    detector, judge = load_face_detector(name, "cpu", 1), load_face_judge(JUDGE, "cpu", 1)
    thresholds = Thresholds().override(dict(registry.card(name).thresholds))
    files = photo_files(archive)
    landmarks, boxes, trust = np.full((len(files), 5, 2), np.nan), np.full((len(files), 4), np.nan), np.zeros(len(files))
    for row, picture in enumerate(pictures(archive, files)):
        face = subject(find_faces(detector, picture, thresholds), picture, which) if picture else None
        if face is not None and picture is not None:
            (face,) = judge.judge(picture, [face])
            landmarks[row], boxes[row], trust[row] = face.landmarks, face.box, face.reliability
    return {"files": np.array(files), "landmarks": landmarks, "boxes": boxes, "reliability": trust}


def _digest(detector: str) -> str:
    """Of those who have a say in which faces there are and how reliable they are."""
    return f"{registry.card(detector).digest} {registry.card(JUDGE).digest}"


def subject(faces: list[Face], picture: Picture, which: str) -> Face | None:
    """The largest face, or the one whose middle is nearest to the picture's."""
    if which == LARGEST or not faces:
        return faces[0] if faces else None
    middle = np.array([picture.width, picture.height]) / 2
    return min(faces, key=lambda face: float(np.linalg.norm((np.array(face.box[:2]) + face.box[2:]) / 2 - middle)))


def embedded(archive: Path, found: Found, embedder: FaceEmbedder) -> np.ndarray:
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


def _read(kept: Path | None, digest: str) -> dict[str, np.ndarray] | None:
    """What was kept, unless it was made by other weights."""
    if kept is None or not kept.exists():
        return None
    with np.load(kept) as held:
        return {key: held[key] for key in held.files} if str(held.get("digest")) == digest else None


def _keep(kept: Path | None, digest: str, arrays: dict[str, np.ndarray]) -> None:
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, digest=digest, **arrays)  # type: ignore[arg-type]
