"""The faces of a photo: the detector runs at a bounded size, and again in other sizes where it finds nothing."""

from __future__ import annotations

import numpy as np

from facelib.geometry import clip_box
from facelib.records import Face, Picture
from facelib.thresholds import Thresholds
from facelib.vision.protocols import FaceDetector
from facelib.vision.reliability import reliability
from facelib.vision.suppression import suppress_nested

# A face that fills the picture is found if the picture is small and has a margin around it.
CLOSE_UP_SIDE = 360
CLOSE_UP_MARGIN = 0.4
CLOSE_UP_LEAST = 0.25
FINE_SIDE = 1.5
FINE_LEAST = 0.6
# In small pictures the fraction would allow faces of a few pixels, which nobody can recognise.
LEAST_PIXELS = 16.0
NESTED = 0.65


def find_faces(detector: FaceDetector, picture: Picture, thresholds: Thresholds) -> list[Face]:
    """The faces of a photo, the largest first.

    Where nothing is found at the working size, two further passes follow: one over a small picture with a margin around it,
    for a face that fills the picture, and a fine one over more pixels, for small faces.

    Returns
    -------
    list of Face
        Boxes clipped at the picture, in pixels of the upright full-size photo, scores of at least
        ``thresholds.face_score``, none nested in another.
    """
    longest = max(picture.pixels.shape[:2])
    side = min(longest, thresholds.working_side)
    faces = _pass(detector, picture, side, thresholds.min_face, thresholds)
    if not faces:
        faces = _pass(detector, picture, min(side, CLOSE_UP_SIDE), CLOSE_UP_LEAST, thresholds, margin=CLOSE_UP_MARGIN)
    if not faces:
        side = min(longest, round(FINE_SIDE * thresholds.working_side))
        faces = _pass(detector, picture, side, FINE_LEAST * thresholds.min_face, thresholds, fine=True)
    return sorted(faces, key=lambda face: (-_area(face), face.box))


def _pass(
    detector: FaceDetector,
    picture: Picture,
    side: int,
    least: float,
    thresholds: Thresholds,
    margin: float = 0.0,
    fine: bool = False,
) -> list[Face]:
    """One run of the detector at a long side of ``side`` pixels, with a grey ``margin`` around it, a fraction of that side."""
    pixels = shrink(picture.pixels, side)
    scale = np.array([picture.width / pixels.shape[1], picture.height / pixels.shape[0]], dtype=np.float32)
    border = round(margin * side)
    if border:
        pixels = np.pad(pixels, ((border, border), (border, border), (0, 0)), constant_values=128)
    boxes, scores, landmarks = detector.detect(pixels, max(least * side, LEAST_PIXELS), fine)
    confident = np.nonzero(scores >= thresholds.face_score)[0]
    confident = confident[suppress_nested(boxes[confident], scores[confident], NESTED)]
    boxes = (boxes[confident] - border) * np.tile(scale, 2)
    landmarks = (landmarks[confident] - border) * scale
    faces = [_face(picture, *arrays, thresholds) for arrays in zip(boxes, scores[confident], landmarks)]
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
