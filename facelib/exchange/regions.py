"""A person's region in a photo: as files of other programs write it, and in pixels of the upright picture."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace

from facelib.exchange.orientation import Frame, Size
from facelib.geometry import clip_box
from facelib.records import Box
from facelib.store.names import fold

PLACEHOLDER_NAMES = frozenset({"", "unknown", "unconfirmed", "unnamed", "ignored", "f" * 16})
"""What programs write if they have no name: digiKam's internal tags, and Picasa's id of an unknown contact."""

SAME_FACE_IOU = 0.5
"""Two regions of one photo show the same face if their intersection over union is at least this."""

# Control characters, and marks that change the direction of text.
_GAPS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class FileRegion:
    """A region as a file of another program has it.

    Attributes
    ----------
    name : str or None
    area : Box
        Fractions (0..1) of width and height of the picture it was made for.
    applied : Size or None
        The size of that picture, if the file has it.
    kind : str
        ``"face"``, or ``"body"`` for the upper body.
    source : str
        The standard it follows: ``"mwg"``, ``"microsoft"``, ``"iptc"``, ``"picasa"`` ...
    upright : bool
        Whether ``area`` is of the upright picture whatever ``applied`` says.
    """

    name: str | None
    area: Box
    applied: Size | None = None
    kind: str = "face"
    source: str = "mwg"
    upright: bool = False


@dataclass(frozen=True)
class Region:
    """One person in one photo.

    Attributes
    ----------
    name : str or None
    box : Box
        Pixels of the upright full-size picture.
    kind : str
        ``"face"``, or ``"body"`` for the upper body.
    source : str
    rejected : bool
        True if this is *not* the person ``name``.
    certain : bool
        False if the region was made for a picture of another shape than the photo, so that the box may be off.
    """

    name: str | None
    box: Box
    kind: str = "face"
    source: str = "mwg"
    rejected: bool = False
    certain: bool = True


def clean_name(text: str | None) -> str | None:
    """Normalise a name from another program: NFC, no control characters. None for a placeholder that means "no name"."""
    if text is None:
        return None
    name = _GAPS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    return None if name.casefold() in PLACEHOLDER_NAMES else name


def same_name(a: str | None, b: str | None) -> bool:
    """Whether two names are equal apart from case and Unicode form."""
    left, right = clean_name(a), clean_name(b)
    return left is not None and right is not None and fold(left) == fold(right)


def to_region(file_region: FileRegion, frame: Frame, swapped: bool = False) -> Region | None:
    """Convert a region of a file to pixels of the upright picture.

    Parameters
    ----------
    swapped : bool
        Read it as if the writer had confused the stored with the upright picture.

    Returns
    -------
    Region or None
        None if it lies outside the picture.
    """
    picture = "upright" if file_region.upright else frame.applies_to(file_region.applied)
    upright = (picture == "upright") != swapped
    area = file_region.area if upright else frame.to_upright(file_region.area)
    box = clip_box(frame.to_pixels(area), frame.width, frame.height)
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return None
    return Region(clean_name(file_region.name), box, file_region.kind, file_region.source, certain=picture != "other")


def to_file_region(region: Region, frame: Frame, applied: Size | None = None) -> FileRegion:
    """Convert a region to the form of the Metadata Working Group: fractions of the stored picture.

    Parameters
    ----------
    applied : Size, optional
        The size that the regions already in the file were made for; it may be that of the upright picture.

    Raises
    ------
    ValueError
        If ``applied`` has another shape than the photo.
    """
    picture = frame.applies_to(applied)
    if picture == "other":
        raise ValueError(f"regions of a picture of {applied} cannot be joined to a photo of {frame.stored}")
    area = frame.to_fractions(clip_box(region.box, frame.width, frame.height))
    stored = area if picture == "upright" else frame.to_stored(area)
    return FileRegion(region.name, stored, applied or frame.stored, region.kind, region.source)


def area_from_center(x: float, y: float, width: float, height: float) -> Box | None:
    """The area of a centre and a size (Metadata Working Group); None if the numbers are not finite, or absurd."""
    return _checked((x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def area_from_corner(x: float, y: float, width: float, height: float) -> Box | None:
    """The area of the upper left corner and a size (Microsoft, IPTC); None if the numbers are not finite, or absurd."""
    return _checked((x, y, x + width, y + height))


def _checked(area: Box) -> Box | None:
    # A face that is partly outside needs at most half a picture beyond the edge.
    fine = all(math.isfinite(v) and -0.5 <= v <= 1.5 for v in area) and area[2] > area[0] and area[3] > area[1]
    return area if fine else None


def box_iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def merge_regions(regions: list[FileRegion]) -> list[FileRegion]:
    """Merge the regions of several lists of one photo, one per face: earlier ones win, and take a missing name from later ones."""
    merged: list[FileRegion] = []
    for region in regions:
        same = (k for k, old in enumerate(merged) if old.kind == region.kind and box_iou(old.area, region.area) >= SAME_FACE_IOU)
        if (k := next(same, None)) is None:
            merged.append(region)
        elif clean_name(merged[k].name) is None:
            merged[k] = replace(merged[k], name=region.name)
    return merged
