"""EXIF orientation: the stored and the upright picture of a photo, and areas of one in the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags

from facelib.photos.image_file import decoding_error, open_image
from facelib.photos.photo_file import open_photo
from facelib.photos.raw import read_raw_shape
from facelib.photos.suffixes import RAW_FORMAT_SUFFIXES
from facelib.records import Box

Size = tuple[float, float]
"""Width and height in pixels."""

SAME_SHAPE = 0.02
"""Two pictures have one shape if the logarithms of their aspect ratios differ by less than this; thumbnails round to whole pixels."""

# From the stored picture to the upright one, on the unit square: for each EXIF orientation whether the axes are swapped
# first, and then whether x and y are mirrored (EXIF 2.32, tag 0x0112).
_TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


@dataclass(frozen=True)
class Frame:
    """Size and orientation of a photo.

    Attributes
    ----------
    width, height : int
        Pixels of the upright full-size picture.
    orientation : int
        EXIF orientation, 1..8: how the stored picture is turned to be upright.
    """

    width: int
    height: int
    orientation: int = 1

    @property
    def upright(self) -> Size:
        """Size of the upright picture."""
        return self.width, self.height

    @property
    def stored(self) -> Size:
        """Size of the picture as stored."""
        return (self.height, self.width) if _TURNS[self.orientation][0] else (self.width, self.height)

    def to_upright(self, area: Box) -> Box:
        """Convert an area of the stored picture to the upright one; both are fractions of width and height, 0..1."""
        x0, y0, x1, y1 = area
        swap, mirror_x, mirror_y = _TURNS[self.orientation]
        if swap:
            x0, y0, x1, y1 = y0, x0, y1, x1
        if mirror_x:
            x0, x1 = 1 - x1, 1 - x0
        if mirror_y:
            y0, y1 = 1 - y1, 1 - y0
        return x0, y0, x1, y1

    def to_stored(self, area: Box) -> Box:
        """Convert an area of the upright picture to the stored one; the inverse of :meth:`to_upright`."""
        x0, y0, x1, y1 = area
        swap, mirror_x, mirror_y = _TURNS[self.orientation]
        if mirror_x:
            x0, x1 = 1 - x1, 1 - x0
        if mirror_y:
            y0, y1 = 1 - y1, 1 - y0
        return (y0, x0, y1, x1) if swap else (x0, y0, x1, y1)

    def to_pixels(self, area: Box) -> Box:
        """Convert fractions of the upright picture to a box in its pixels."""
        return area[0] * self.width, area[1] * self.height, area[2] * self.width, area[3] * self.height

    def to_fractions(self, box: Box) -> Box:
        """Convert a box in pixels of the upright picture to fractions of its width and height."""
        return box[0] / self.width, box[1] / self.height, box[2] / self.width, box[3] / self.height

    def applies_to(self, applied: Size | None) -> str:
        """Tell which picture a region list refers to, by the size it was made for (``AppliedToDimensions``).

        The guidance of the Metadata Working Group (2.0, section 5.4) says the stored picture, and Lightroom, digiKam and Apple follow
        it. Some writers use the upright picture; the size shows it wherever the orientation swaps the sides.

        Returns
        -------
        str
            ``"stored"``, ``"upright"``, or ``"other"`` for a picture of another shape: the photo was cropped or replaced since.
        """
        if applied is None:
            return "stored"
        if same_shape(applied, self.stored) and not (applied == self.upright != self.stored):
            return "stored"
        return "upright" if same_shape(applied, self.upright) else "other"


def same_shape(a: Size, b: Size) -> bool:
    """Whether two sizes have the same aspect ratio, up to rounding."""
    if min(*a, *b) <= 0:
        return False
    # A picture of w x h pixels may have been rounded by half a pixel each way.
    slack = max(SAME_SHAPE, 0.5 / min(*a) + 0.5 / min(*b))
    return abs(math.log(a[0] * b[1] / (a[1] * b[0]))) < slack


def read_frame(path: Path) -> Frame:
    """Read size and orientation from the header of a photo.

    Raises
    ------
    PhotoError
        If the file is missing, or is not a picture this program can read.
    """
    with open_photo(path) as file:
        try:
            if path.suffix.lower() in RAW_FORMAT_SUFFIXES:
                raw = read_raw_shape(file)
                return Frame(raw.width, raw.height, raw.orientation)
            with open_image(file, path) as image:
                orientation = _orientation(image)
                width, height = image.size
                # For TIFF and HEIF, Pillow gives the upright size.
                swapped = _TURNS[orientation][0] and image.format not in ("TIFF", "HEIF")
                return Frame(height, width, orientation) if swapped else Frame(width, height, orientation)
        except Exception as error:  # damaged headers raise nearly every type there is
            raise decoding_error(error) from error


def _orientation(image: Any) -> int:
    try:
        value = int(image.info.get("original_orientation") or image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF: the decoder does not rotate the picture either
        return 1
    return value if value in _TURNS else 1
