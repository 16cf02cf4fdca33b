"""How a stored picture is turned to stand upright."""

from __future__ import annotations

from PIL import Image

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""For each EXIF orientation the turn that makes the stored picture upright (EXIF 2.32, tag 0x0112); 1 needs none."""


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height of the upright picture, from those of the stored one and its EXIF orientation."""
    return (height, width) if orientation in (5, 6, 7, 8) else (width, height)
