"""The upper body of each person: guessed from the face, or cut from the box of a person detector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facelib.geometry import clip_box, intersection, match_boxes
from facelib.records import Body, Box, Face, Picture
from facelib.thresholds import Thresholds
from facelib.vision.protocols import BodyDetector

# In heights of the face box, which are steadier than widths when a head turns.
HALF_WIDTH = 1.05
TOP = 0.05
BOTTOM = 2.2
# With a smaller fraction of the full box in sight, clothes cannot be compared.
LEAST_VISIBLE = 0.25
LEAST_SHAPE = 0.15
# A person detector's box: where the face lies in it, and where the clothes of the upper body are.
FACE_DEPTH = 0.45
LEAST_FACE_INSIDE = 0.7
HEAD_FRACTION = 0.17
WAIST_FRACTION = 0.52
STANDING = 1.6
LEAST_BODY = 0.12


def find_bodies(
    detector: BodyDetector, picture: Picture, faces: Sequence[Face], thresholds: Thresholds
) -> list[tuple[Face | None, Body | None]]:
    """Faces with their upper bodies, in the order of the faces; then the persons without a face, the largest first.

    Persons and faces are matched one to one. A face that no person box fits keeps the guess by geometry, score 0. A
    person without a face counts from a score of ``thresholds.body_score`` and a tenth of the picture's long side on.
    """
    boxes = [face.box for face in faces]
    guesses = [
        upper_body_from_face(face.box, picture.width, picture.height, [box for box in boxes if box is not face.box], face.landmarks)
        for face in faces
    ]
    bodies = [None if box is None else Body(box, 0.0) for box in guesses]
    persons, scores = detector.detect(picture.pixels)
    persons = persons.astype(np.float64) * np.tile(picture.scale, 2)
    matched = match_boxes(match_scores(np.array(boxes, dtype=np.float64).reshape(-1, 4), persons), 0.05)
    for row, column in matched:
        box = upper_body_from_person(persons[column], boxes[row], guesses[row])
        if box is not None:
            bodies[row] = Body(clip_box(box, picture.width, picture.height), float(scores[column]))
    with_face = {column for _, column in matched}
    faceless = [k for k in range(len(persons)) if k not in with_face and scores[k] >= thresholds.body_score]
    return list(zip(faces, bodies)) + [(None, body) for body in _faceless(persons, scores, faceless, faces, picture)]


def _faceless(persons: np.ndarray, scores: np.ndarray, rows: list[int], faces: Sequence[Face], picture: Picture) -> list[Body]:
    """Upper bodies of persons without a matched face: large enough, and not a second box of a person whose face was found."""
    bodies = []
    heads = np.array([face.box for face in faces], dtype=np.float64).reshape(-1, 4)
    for k in sorted(rows, key=lambda k: (-_area(persons[k]), k)):
        _, y0, _, y1 = persons[k]
        if y1 - y0 < LEAST_BODY * max(picture.width, picture.height):
            continue
        if len(heads) and match_scores(heads, persons[k : k + 1]).max() > 0.3:
            continue
        upper = upper_body_from_person(persons[k], None, None)
        if upper is not None:
            bodies.append(Body(clip_box(upper, picture.width, picture.height), float(scores[k])))
    return bodies


def upper_body_from_face(
    face: Box, width: float, height: float, others: Sequence[Box] = (), landmarks: np.ndarray | None = None
) -> Box | None:
    """Where the clothes below a face should be, clipped at the picture and half-way to the neighbours' bodies.

    Parameters
    ----------
    face : Box
    width, height : float
        Size of the picture.
    others : sequence of Box
        The other faces; the box ends half-way to one that stands beside it, and above one that stands below it.
    landmarks : ndarray of shape (5, 2), or None
        They give the middle of the face, which differs from the middle of the box when the head is turned.

    Returns
    -------
    Box or None
        None where too little is in sight, as below a face at the lower edge.
    """
    size = face[3] - face[1]
    middle = (face[0] + face[2]) / 2
    if landmarks is not None:
        middle = (middle + float(np.mean(landmarks[:, 0]))) / 2
    full = (middle - HALF_WIDTH * size, face[3] + TOP * size, middle + HALF_WIDTH * size, face[3] + (TOP + BOTTOM) * size)
    if size <= 0:
        return None
    x0, y0, x1, y1 = clip_box(full, width, height)
    for other in others:
        x0, y0, x1, y1 = _cut_back((x0, y0, x1, y1), face, middle, other)
    visible = max(0.0, x1 - x0) * max(0.0, y1 - y0) / _area(full)
    return (x0, y0, x1, y1) if visible >= LEAST_VISIBLE and min(x1 - x0, y1 - y0) >= LEAST_SHAPE * size else None


def _cut_back(body: Box, face: Box, middle: float, other: Box) -> Box:
    """A body box, cut back where it would show another person's face or clothes."""
    x0, y0, x1, y1 = body
    size, other_size = face[3] - face[1], other[3] - other[1]
    other_middle = (other[0] + other[2]) / 2
    reach = HALF_WIDTH * other_size
    if other[3] + BOTTOM * other_size < y0 or other[1] > y1 or other_middle + reach < x0 or other_middle - reach > x1:
        return body
    if other[1] > face[3] and abs(other_middle - middle) < 0.8 * size:
        return (x0, y0, x1, min(y1, other[1])) if other[0] < x1 and other[2] > x0 else body
    # Shoulders are as wide as heads are large, so the border lies nearer to the smaller head.
    border = middle + (other_middle - middle) * size / max(size + other_size, 1e-6)
    if other_middle > middle:
        return x0, y0, min(x1, border), y1
    return max(x0, border), y0, x1, y1


def upper_body_from_person(person: np.ndarray, face: Box | None, guess: Box | None) -> Box | None:
    """The upper body's clothes within a person's box: below the face where it is known, else below the head."""
    x0, y0, x1, y1 = (float(v) for v in person)
    width, height = x1 - x0, y1 - y0
    if width <= 0 or height <= 0:
        return None
    if face is None:
        # Boxes wider than a standing person's show one who sits, or is cut off by the picture's edge at the waist.
        upright = min(1.0, height / width / STANDING)
        top = y0 + HEAD_FRACTION * height / max(upright, 0.5)
        return x0, min(top, y0 + 0.45 * height), x1, y0 + max(WAIST_FRACTION, 1.0 - 0.5 * upright) * height
    if guess is None:
        return None
    upper = (max(x0, guess[0]), guess[1], min(x1, guess[2]), min(y1, guess[3]))
    size = face[3] - face[1]
    return upper if upper[2] - upper[0] >= 0.6 * size and upper[3] - upper[1] >= 0.5 * size else guess


def match_scores(faces: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """How well each person box (m, 4) matches each face box (n, 4): shape (n, m), 0 (not at all) .. 1.

    A face lies in the upper part of its person's box, near the middle and mostly inside, and is not much lower than usual.
    """
    if not len(faces) or not len(persons):
        return np.zeros((len(faces), len(persons)))
    width = np.maximum(persons[:, 2] - persons[:, 0], 1e-6)[None]
    height = np.maximum(persons[:, 3] - persons[:, 1], 1e-6)[None]
    size = np.maximum(faces[:, 2:] - faces[:, :2], 1e-6)
    inside = intersection(faces, persons) / (size[:, :1] * size[:, 1:])
    middle = (faces[:, :2] + faces[:, 2:]) / 2
    depth = (middle[:, 1:] - persons[None, :, 1]) / height
    # The middle of a face that fills half of its person's box lies a quarter down: measured from the crown instead.
    depth = depth - 0.4 * size[:, 1:] / height
    aside = np.abs(middle[:, :1] - (persons[None, :, 0] + persons[None, :, 2]) / 2) / width
    height_share = size[:, 1:] / height
    suits = np.exp(-0.5 * (depth / 0.2) ** 2 - 0.5 * (aside / 0.25) ** 2)
    return suits * inside * (inside >= LEAST_FACE_INSIDE) * (depth <= FACE_DEPTH) * (height_share >= 0.05)


def _area(box: Sequence[float] | np.ndarray) -> float:
    return float(max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]))
