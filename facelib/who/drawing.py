"""A photo with boxes and names drawn on it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from facelib.records import CERTAIN, LIKELY, STANDINGS, UNKNOWN, Box

COLOURS = {STANDINGS[CERTAIN]: (46, 160, 67), STANDINGS[LIKELY]: (217, 119, 6), STANDINGS[UNKNOWN]: (140, 140, 140)}
INK = (255, 255, 255)

# The fonts that usual systems have, widest choice of scripts first; Pillow's own font is Latin only.
FONTS = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "Arial Unicode.ttf", "Arial.ttf", "LiberationSans-Regular.ttf")


@dataclass(frozen=True)
class Label:
    """One box to draw: a face's, or a body's where the person shows no face. ``text`` is empty for unknown people."""

    box: Box
    text: str
    standing: str


def draw(pixels: Image.Image, labels: Sequence[Label]) -> Image.Image:
    """Draw labels on a copy of an upright full-size picture; green is certain, orange is likely, grey is unknown."""
    picture = pixels.copy()
    pen = ImageDraw.Draw(picture)
    long_side = max(picture.size)
    line = max(2, round(long_side / 400))
    # Names last, so that no box crosses them.
    for label in labels:
        pen.rectangle(label.box, outline=COLOURS[label.standing], width=line)
    for label in labels:
        if label.text:
            _write(pen, picture.size, label, line, _size_for(label.box, long_side))
    return picture


def _size_for(box: Box, long_side: int) -> int:
    """Letters in proportion to the face, yet never too small to read nor larger than a heading."""
    return round(min(max(0.18 * (box[2] - box[0]), long_side / 55, 11), long_side / 22 + 8))


def _write(pen: ImageDraw.ImageDraw, size: tuple[int, int], label: Label, line: int, letters: int) -> None:
    text = "".join(c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in label.text)
    font = _font(letters)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    width, height, pad = right - left, bottom - top, line + 1
    x0, _, _, y1 = label.box
    x = min(max(x0, 0), max(size[0] - width - 2 * pad, 0))
    y = y1 if y1 + height + 2 * pad <= size[1] else max(label.box[1] - height - 2 * pad, 0)
    pen.rectangle((x, y, x + width + 2 * pad, y + height + 2 * pad), fill=COLOURS[label.standing])
    pen.text((x + pad - left, y + pad - top), text, font=font, fill=INK)


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def save(picture: Image.Image, target: Path) -> None:
    """Write a drawn picture in the format of its suffix, readable by its owner alone.

    Raises
    ------
    OSError, ValueError
        If it cannot be written, or the suffix names no format.
    """
    temporary = target.with_name(f".{target.name}.part{target.suffix}")
    try:
        picture.save(temporary, quality=92)
        temporary.chmod(0o600)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
