"""Which region of another program is which observation of the gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facelib.exchange.orientation import Frame
from facelib.exchange.regions import Mark, Region, overlap, region_of
from facelib.geometry import match_boxes
from facelib.records import Box

LEAST_OVERLAP = 0.3
"""Intersection over union from which a region is an observation: programs cut faces wider or closer than detectors do."""

SURE_OVERLAP = 0.5
"""The same where the region's own place is in doubt."""

MOST_RATIO = 4.0
"""Two boxes that hold each other's centre are of one face only if neither has more than this many times the other's area."""

_BY_CENTRE = 0.1
_BY_BODY = 0.05


@dataclass(frozen=True)
class Seen:
    """The boxes of an observation, in pixels of the upright picture."""

    face: Box | None
    body: Box | None


def pair(regions: Sequence[Region], seen: Sequence[Seen]) -> dict[int, int]:
    """Match regions with observations one to one, the best first.

    By overlap of boxes of one kind; else by centres within each other; else a face with the upper half of a body whose face was not
    seen. Regions that are not certain need :data:`SURE_OVERLAP`.

    Returns
    -------
    dict of int to int
        Index of the observation for each region that has one.
    """
    scores = np.array([[_score(region, each) for each in seen] for region in regions], dtype=np.float64)
    return dict(match_boxes(scores.reshape(len(regions), len(seen)), _BY_BODY)) if len(regions) and len(seen) else {}


def _score(region: Region, seen: Seen) -> float:
    box = seen.face if region.kind == "face" else seen.body
    shared = 0.0 if box is None else overlap(region.box, box)
    if not region.certain:
        return shared if shared >= SURE_OVERLAP else 0.0
    if shared >= LEAST_OVERLAP:
        return shared
    if box is not None:
        ratio = _area(region.box) / max(_area(box), 1e-9)
        together = _holds(region.box, _centre(box)) and _holds(box, _centre(region.box))
        return _BY_CENTRE + shared / 2 if together and 1 / MOST_RATIO <= ratio <= MOST_RATIO else 0.0
    if region.kind == "face" and seen.face is None and seen.body is not None:
        x0, y0, x1, y1 = seen.body
        return _BY_BODY if _holds((x0, y0, x1, (y0 + y1) / 2), _centre(region.box)) else 0.0
    return 0.0


def placed(marks: Sequence[Mark], frame: Frame, seen: Sequence[Seen]) -> tuple[list[Region], bool]:
    """The regions of marks in the upright picture.

    Where none of several named marks meets an observation, but all do when the stored and the upright picture are exchanged, the writer
    confused the two, and that reading is taken.

    Returns
    -------
    regions : list of Region
        Those inside the picture, with a name.
    exchanged : bool
    """
    usual = [region for mark in marks if (region := region_of(mark, frame)) is not None and region.name is not None]
    if frame.orientation == 1 or not usual or pair(usual, seen):
        return usual, False
    other = [region for mark in marks if (region := region_of(mark, frame, other=True)) is not None and region.name is not None]
    met = pair(other, seen)
    sure = len(met) == len(other) and all(_face_overlap(other[r], seen[s]) >= SURE_OVERLAP for r, s in met.items())
    return (other, True) if sure and met else (usual, False)


def _face_overlap(region: Region, seen: Seen) -> float:
    box = seen.face if region.kind == "face" else seen.body
    return 0.0 if box is None else overlap(region.box, box)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
