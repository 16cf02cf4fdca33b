"""Regions: who is where in a photo, as other programs say it, and as facelib does."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace

from facelib.exchange.orientation import Frame, Size
from facelib.geometry import clip_box
from facelib.records import Box
from facelib.store.names import fold

NO_NAMES = frozenset({"", "unknown", "unconfirmed", "unnamed", "ignored", "f" * 16})
"""What programs write where they have no name: digiKam's internal tags and Picasa's id of nobody."""

SAME_AREA = 0.5
"""Intersection over union from which two regions of one photo are of the same face."""

# Control characters, and marks that turn the direction of text around.
_GAPS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Mark:
    """A region as it stands in a file of another program.

    Attributes
    ----------
    name : str or None
    area : Box
        In parts of the width and height (0..1) of the picture it was made for.
    applied : Size or None
        The size of that picture, where it is told.
    kind : str
        ``"face"``, or ``"body"`` for the upper body.
    source : str
        What it was read from: ``"mwg"``, ``"microsoft"``, ``"iptc"``, ``"picasa"`` ...
    upright : bool
        Whether it is known to speak of the upright picture whatever ``applied`` says.
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
        True where it is said that this is not ``name``.
    certain : bool
        False where the picture it was made for has another shape than the photo, so that the box may be off.
    """

    name: str | None
    box: Box
    kind: str = "face"
    source: str = "mwg"
    rejected: bool = False
    certain: bool = True


def clean_name(text: str | None) -> str | None:
    """A name as other programs wrote it, composed and without control characters; None where it stands for nobody."""
    if text is None:
        return None
    name = _GAPS.sub(" ", unicodedata.normalize("NFC", text)).strip()
    return None if name.casefold() in NO_NAMES else name


def same_name(a: str | None, b: str | None) -> bool:
    """Whether two names are one for people: without case, in whatever Unicode form."""
    left, right = clean_name(a), clean_name(b)
    return left is not None and right is not None and fold(left) == fold(right)


def region_of(mark: Mark, frame: Frame, other: bool = False) -> Region | None:
    """Where a mark lies in the upright picture; None where nothing of it is inside.

    Parameters
    ----------
    other : bool
        Take it as a writer would have meant it who confused the stored with the upright picture.
    """
    applies = "upright" if mark.upright else frame.applies(mark.applied)
    upright = (applies == "upright") != other
    area = mark.area if upright else frame.raise_up(mark.area)
    box = clip_box(frame.pixels(area), frame.width, frame.height)
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return None
    return Region(clean_name(mark.name), box, mark.kind, mark.source, certain=applies != "other")


def mark_of(region: Region, frame: Frame, applied: Size | None = None) -> Mark:
    """A region in the form of the Metadata Working Group: parts of the stored picture.

    Parameters
    ----------
    applied : Size, optional
        What a file already says its regions apply to: the upright picture, perhaps.

    Raises
    ------
    ValueError
        If ``applied`` is of another shape than the photo.
    """
    applies = frame.applies(applied)
    if applies == "other":
        raise ValueError(f"regions of a picture of {applied} cannot be joined to a photo of {frame.stored}")
    area = frame.parts(clip_box(region.box, frame.width, frame.height))
    return Mark(region.name, area if applies == "upright" else frame.lay_down(area), applied or frame.stored, region.kind, region.source)


def centred(x: float, y: float, width: float, height: float) -> Box | None:
    """The area of a centre and a size, as the Metadata Working Group has it; None where the numbers are none, or absurd."""
    return _checked((x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def cornered(x: float, y: float, width: float, height: float) -> Box | None:
    """The area of the upper left corner and a size, as Microsoft and the IPTC have it."""
    return _checked((x, y, x + width, y + height))


def _checked(area: Box) -> Box | None:
    # Half a picture beyond the edge is the most a face that is partly outside can need.
    fine = all(math.isfinite(v) and -0.5 <= v <= 1.5 for v in area) and area[2] > area[0] and area[3] > area[1]
    return area if fine else None


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def merged(marks: list[Mark]) -> list[Mark]:
    """Marks of one photo from several places, each face once: earlier ones win, and take a name they lack from later ones."""
    kept: list[Mark] = []
    for mark in marks:
        twin = next((k for k, old in enumerate(kept) if old.kind == mark.kind and overlap(old.area, mark.area) >= SAME_AREA), None)
        if twin is None:
            kept.append(mark)
        elif clean_name(kept[twin].name) is None:
            kept[twin] = replace(kept[twin], name=mark.name)
    return kept
