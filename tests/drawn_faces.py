"""Drawn photos of people who do not exist, for tests of detection and embedding where no real photos may lie.

Each face is a shaded head with hair, brows, eyes, nose and mouth: enough for the default detector to find it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (640, 480)
"""Width and height of a photo in pixels."""
_SCALE = 2
"""Everything is drawn this many times as large, and reduced at the end."""

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Head:
    """A head: middle of the face and half of its height, in pixels of the photo, and its colours."""

    x: float
    y: float
    radius: float
    skin: Colour = (224, 172, 140)
    hair: Colour = (60, 40, 30)
    iris: Colour = (70, 90, 110)
    shirt: Colour = (60, 80, 130)
    wide: float = 0.76
    """Width of the face divided by its height."""

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point in pixels of the photo; ``x`` and ``y`` in units of half the width and half the height of the face, from its middle."""
        return self.x + x * self.radius * self.wide, self.y + y * self.radius

    @property
    def landmarks(self) -> np.ndarray:
        """Both eyes, nose and both corners of the mouth, in the order of :class:`facelib.records.Face`: shape (5, 2)."""
        return np.array([self.point(*at) for at in ((-0.42, -0.1), (0.42, -0.1), (0, 0.25), (-0.33, 0.56), (0.33, 0.56))])


ONE = (Head(320, 210, 105),)
TWO = (
    Head(190, 230, 85, wide=0.74),
    Head(450, 220, 80, skin=(150, 100, 72), hair=(25, 20, 20), iris=(50, 30, 20), shirt=(150, 60, 50), wide=0.8),
)


def photo(heads: tuple[Head, ...] = ONE) -> Image.Image:
    """An RGB photo of these people in front of a plain wall; without heads, of the wall only."""
    picture = Image.new("RGB", (SIZE[0] * _SCALE, SIZE[1] * _SCALE), (150, 160, 165))
    for head in heads:
        _draw_head(picture, head)
    small = picture.resize(SIZE, Image.Resampling.LANCZOS)
    grain = np.random.default_rng(0).normal(0, 2.5, (SIZE[1], SIZE[0], 1))
    return Image.fromarray(np.clip(np.asarray(small) + grain, 0, 255).astype(np.uint8))


def _draw_head(picture: Image.Image, head: Head) -> None:
    r, w = head.radius * _SCALE, head.radius * head.wide * _SCALE
    cx, cy = head.x * _SCALE, head.y * _SCALE

    def ellipse(x: float, y: float, a: float, b: float) -> tuple[float, float, float, float]:
        """In units of half the width and half the height of the face, about its middle."""
        return cx + (x - a) * w, cy + (y - b) * r, cx + (x + a) * w, cy + (y + b) * r

    def blend(box: tuple[float, float, float, float], colour: Colour, opacity: float, blur: float) -> None:
        margin = 4 * blur * r + 2
        left, top = int(box[0] - margin), int(box[1] - margin)
        mask = Image.new("L", (int(box[2] + margin) - left, int(box[3] + margin) - top), 0)
        ImageDraw.Draw(mask).ellipse([edge - corner for edge, corner in zip(box, (left, top, left, top))], fill=round(255 * opacity))
        picture.paste(colour, (left, top), mask.filter(ImageFilter.GaussianBlur(blur * r)))

    def shade(factor: float) -> Colour:
        red, green, blue = (min(255, round(value * factor)) for value in head.skin)
        return red, green, blue

    blend(ellipse(0, 2.3, 2.3, 1.1), head.shirt, 1, 0.01)
    blend(ellipse(0, 1.0, 0.5, 0.7), shade(0.78), 1, 0.02)
    blend(ellipse(0, -0.25, 1.12, 1.02), head.hair, 1, 0.02)
    for side in (-1, 1):
        blend(ellipse(side * 1.0, 0.05, 0.13, 0.22), shade(0.85), 1, 0.01)
    blend(ellipse(0, 0.05, 1.0, 1.0), shade(0.92), 1, 0.01)
    blend(ellipse(-0.1, 0.0, 0.75, 0.85), shade(1.06), 0.7, 0.15)
    blend(ellipse(0, -0.95, 0.95, 0.42), head.hair, 1, 0.02)
    for side in (-1, 1):
        x = side * 0.42
        blend(ellipse(x, -0.1, 0.3, 0.17), shade(0.7), 0.55, 0.04)
        blend(ellipse(x, -0.3, 0.26, 0.035), head.hair, 0.9, 0.012)
        blend(ellipse(x, -0.1, 0.19, 0.075), (238, 236, 232), 1, 0.006)
        blend(ellipse(x, -0.1, 0.088, 0.075), head.iris, 1, 0.006)
        blend(ellipse(x, -0.1, 0.045, 0.036), (10, 10, 10), 1, 0.004)
        blend(ellipse(x - 0.03, -0.12, 0.018, 0.014), (255, 255, 255), 1, 0.003)
        blend(ellipse(x, -0.172, 0.2, 0.022), (50, 35, 30), 0.9, 0.006)
        blend(ellipse(side * 0.62, 0.28, 0.24, 0.2), (220, 120, 110), 0.25, 0.08)
        blend(ellipse(side * 0.12, 0.29, 0.05, 0.028), shade(0.45), 0.9, 0.012)
    blend(ellipse(0.11, 0.1, 0.06, 0.24), shade(0.7), 0.5, 0.03)
    blend(ellipse(-0.02, 0.08, 0.05, 0.22), shade(1.15), 0.7, 0.025)
    blend(ellipse(0, 0.23, 0.13, 0.08), shade(1.1), 0.6, 0.025)
    blend(ellipse(0, 0.34, 0.18, 0.025), shade(0.6), 0.6, 0.02)
    blend(ellipse(0, 0.56, 0.34, 0.085), (178, 86, 84), 0.95, 0.012)
    blend(ellipse(0, 0.555, 0.32, 0.016), (90, 40, 40), 0.9, 0.008)
    blend(ellipse(0, 0.7, 0.2, 0.03), shade(0.7), 0.5, 0.02)
