"""Matching of regions of other programs with observations of the gallery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facelib.exchange.orientation import Frame
from facelib.exchange.regions import FileRegion, Region, box_iou, to_region
from facelib.geometry import match_boxes
from facelib.records import Box

MIN_IOU = 0.3
"""A region matches an observation at this intersection over union: programs cut faces wider or closer than detectors do."""

MIN_IOU_UNCERTAIN = 0.5
"""The same for a region whose position is not certain."""

MAX_AREA_RATIO = 4.0
"""Two boxes that contain each other's centre show one face only if neither has more than this many times the other's area."""

_CENTER_SCORE = 0.1
_BODY_SCORE = 0.05


@dataclass(frozen=True)
class ObservedBoxes:
    """The boxes of an observation, in pixels of the upright picture."""

    face: Box | None
    body: Box | None


def match_regions(regions: Sequence[Region], observed: Sequence[ObservedBoxes]) -> dict[int, int]:
    """Match regions with observations one to one, the best match first.

    Boxes of one kind match by overlap, or if each contains the other's centre. A face also matches the upper half of a body whose
    face was not detected. Regions that are not certain need :data:`MIN_IOU_UNCERTAIN`.

    Returns
    -------
    dict of int to int
        Index of the observation for each region that has one.
    """
    scores = np.array([[_score(region, boxes) for boxes in observed] for region in regions], dtype=np.float64)
    return dict(match_boxes(scores.reshape(len(regions), len(observed)), _BODY_SCORE)) if len(regions) and len(observed) else {}


def _score(region: Region, observed: ObservedBoxes) -> float:
    box, iou = _same_kind(region, observed), _iou(region, observed)
    if not region.certain:
        return iou if iou >= MIN_IOU_UNCERTAIN else 0.0
    if iou >= MIN_IOU:
        return iou
    if box is not None:
        ratio = _area(region.box) / max(_area(box), 1e-9)
        centered = _contains(region.box, _center(box)) and _contains(box, _center(region.box))
        return _CENTER_SCORE + iou / 2 if centered and 1 / MAX_AREA_RATIO <= ratio <= MAX_AREA_RATIO else 0.0
    if region.kind == "face" and observed.face is None and observed.body is not None:
        x0, y0, x1, y1 = observed.body
        return _BODY_SCORE if _contains((x0, y0, x1, (y0 + y1) / 2), _center(region.box)) else 0.0
    return 0.0


def resolve_regions(file_regions: Sequence[FileRegion], frame: Frame, observed: Sequence[ObservedBoxes]) -> tuple[list[Region], bool]:
    """Convert the regions of a file to the upright picture, even if their writer confused it with the stored one.

    Some writers do. That is assumed only if no named region matches an observation as the file has it, and all of them do with
    the two pictures swapped.

    Returns
    -------
    regions : list of Region
        Those that have a name and lie inside the picture.
    swapped : bool
    """
    as_written = _named(file_regions, frame, swapped=False)
    if frame.orientation == 1 or not as_written or match_regions(as_written, observed):
        return as_written, False
    swapped = _named(file_regions, frame, swapped=True)
    matches = match_regions(swapped, observed)
    sure = len(matches) == len(swapped) and all(_iou(swapped[r], observed[o]) >= MIN_IOU_UNCERTAIN for r, o in matches.items())
    return (swapped, True) if sure and matches else (as_written, False)


def _named(file_regions: Sequence[FileRegion], frame: Frame, swapped: bool) -> list[Region]:
    regions = (to_region(each, frame, swapped) for each in file_regions)
    return [region for region in regions if region is not None and region.name is not None]


def _same_kind(region: Region, observed: ObservedBoxes) -> Box | None:
    return observed.face if region.kind == "face" else observed.body


def _iou(region: Region, observed: ObservedBoxes) -> float:
    box = _same_kind(region, observed)
    return 0.0 if box is None else box_iou(region.box, box)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _center(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _contains(box: Box, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
