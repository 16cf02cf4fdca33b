"""Which faces a photo shows: the detector at a bounded size, once more where it finds nothing, in full-size pixels."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from facelib.errors import InputError
from facelib.geometry import clip_box
from facelib.model_zoo.registry import card
from facelib.records import Face, Picture
from facelib.thresholds import Thresholds
from facelib.vision.reliability import reliability
from facelib.vision.suppression import suppress_nested

# A face that fills the picture is found where it is shrunk and has room around it.
CLOSE_UP_SIDE = 360
CLOSE_UP_MARGIN = 0.4
CLOSE_UP_LEAST = 0.25
FINE_SIDE = 1.5
FINE_LEAST = 0.6
# In small pictures the fraction asks for faces of a few pixels, which nobody can tell apart.
LEAST_PIXELS = 16.0
NESTED = 0.65

Detections = tuple[np.ndarray, np.ndarray, np.ndarray]


class FaceDetector(Protocol):
    """Finds faces in one picture."""

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> Detections:
        """Boxes (n, 4), scores (n,) and five landmarks each (n, 5, 2), all float32, in pixels of the picture given.

        ``pixels`` is RGB, uint8, of shape (h, w, 3); faces lower than ``min_face`` pixels need not be found;
        ``fine`` asks for more effort.
        """


def load_face_detector(name: str, device: str = "auto", threads: int | None = None) -> FaceDetector:
    """The face detector of that card, its weights checked and loaded.

    Parameters
    ----------
    name : str
    device : str
        As for :func:`facelib.vision.device.choose`; a detector that runs on OpenVINO runs on the CPU whatever it says.
    threads : int or None
        Threads of one inference; None: as many as the library takes by itself.

    Raises
    ------
    InputError
        If no face detector has that name.
    WeightsError
        If its weights or its runtime are missing.
    """
    card(name)
    if name == "mtcnn":
        from facelib.vision.device import choose
        from facelib.vision.mtcnn import Mtcnn

        return Mtcnn(choose(device), threads)
    if name == "yunet":
        from facelib.vision.yunet import Yunet

        return Yunet(threads)
    raise InputError(f"model '{name}' finds no faces", "known face detectors: mtcnn, yunet")


def find_faces(detector: FaceDetector, picture: Picture, thresholds: Thresholds) -> list[Face]:
    """The faces of a photo, the largest first.

    Where nothing is found at the working size, two further looks follow: a small one with a margin around the
    picture, for a face that fills it, and a fine one in more pixels, for small faces.

    Returns
    -------
    list of Face
        Boxes clipped at the picture, in pixels of the upright full-size photo, scores of at least
        ``thresholds.face_score``, none nested in another.
    """
    longest = max(picture.pixels.shape[:2])
    side = min(longest, thresholds.working_side)
    found = _look(detector, picture, side, thresholds.min_face, thresholds)
    if not found:
        found = _look(detector, picture, min(side, CLOSE_UP_SIDE), CLOSE_UP_LEAST, thresholds, margin=CLOSE_UP_MARGIN)
    if not found:
        side = min(longest, round(FINE_SIDE * thresholds.working_side))
        found = _look(detector, picture, side, FINE_LEAST * thresholds.min_face, thresholds, fine=True)
    return sorted(found, key=lambda face: (-_area(face), face.box))


def _look(
    detector: FaceDetector,
    picture: Picture,
    side: int,
    least: float,
    thresholds: Thresholds,
    margin: float = 0.0,
    fine: bool = False,
) -> list[Face]:
    """One run of the detector at a long side of ``side`` pixels, with a grey ``margin`` around, in parts of that side."""
    pixels = shrink(picture.pixels, side)
    scale = np.array([picture.width / pixels.shape[1], picture.height / pixels.shape[0]], dtype=np.float32)
    border = round(margin * side)
    if border:
        pixels = np.pad(pixels, ((border, border), (border, border), (0, 0)), constant_values=128)
    boxes, scores, landmarks = detector.detect(pixels, max(least * side, LEAST_PIXELS), fine)
    sure = np.nonzero(scores >= thresholds.face_score)[0]
    sure = sure[suppress_nested(boxes[sure], scores[sure], NESTED)]
    boxes = (boxes[sure] - border) * np.tile(scale, 2)
    landmarks = (landmarks[sure] - border) * scale
    faces = [_face(picture, *parts, thresholds) for parts in zip(boxes, scores[sure], landmarks)]
    return [face for face in faces if _area(face) >= 1]


def _face(picture: Picture, box: np.ndarray, score: float, landmarks: np.ndarray, thresholds: Thresholds) -> Face:
    whole = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    confidence = (float(score) - thresholds.face_score) / max(1.0 - thresholds.face_score, 1e-6)
    return Face(
        box=clip_box(whole, picture.width, picture.height),
        score=float(score),
        landmarks=landmarks.astype(np.float32),
        reliability=reliability(picture, whole, confidence, landmarks),
    )


def shrink(pixels: np.ndarray, side: int) -> np.ndarray:
    """The picture with a long side of at most ``side`` pixels; never enlarged."""
    from PIL import Image

    height, width = pixels.shape[:2]
    ratio = side / max(height, width)
    if ratio >= 1:
        return pixels
    size = (max(1, round(ratio * width)), max(1, round(ratio * height)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=1.5))


def _area(face: Face) -> float:
    x0, y0, x1, y1 = face.box
    return (x1 - x0) * (y1 - y0)
