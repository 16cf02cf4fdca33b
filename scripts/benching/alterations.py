"""Photos changed as another shot of the same scene would be: other light, moved and turned, something in front, a face hard to see."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter


def next_shot(
    pixels: np.ndarray, points: np.ndarray, box: np.ndarray, hard: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The photo as it might have been taken a moment later.

    Parameters
    ----------
    pixels : ndarray of shape (h, w, 3), uint8
    points : ndarray of shape (5, 2)
        Landmarks of the face, in pixels.
    box : ndarray of shape (4,)
        The upper body, x0, y0, x1, y1 in pixels.
    hard : bool
        Make the face hard to recognise.

    Returns
    -------
    pixels, points, box
        Of the new photo.
    """
    image = Image.fromarray(pixels)
    centre = points.mean(axis=0)
    angle, squeeze, lean = rng.normal(0, 8) * np.pi / 180, rng.uniform(0.82, 1.0), rng.normal(0, 0.06)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[squeeze, lean], [0, 1]])
    inverse = np.linalg.inv(matrix)
    shift = centre - inverse @ centre
    coefficients = (*inverse[0], shift[0], *inverse[1], shift[1])
    image = image.transform(image.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    points = (points - centre) @ matrix.T + centre
    size = np.array([box[2] - box[0], box[3] - box[1]])
    middle = (np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) - centre) @ matrix.T + centre + rng.normal(0, 0.05, 2) * size
    half = size / 2 * rng.uniform(0.88, 1.12)
    image = relight(image, rng)
    image = cover_part(image, middle, half, rng)
    if hard:
        image = hide_face(image, points, rng)
    limit = np.array(image.size, dtype=float)
    area = np.concatenate([np.clip(middle - half, 0, limit - 2), np.clip(middle + half, 2, limit)])
    return np.asarray(image), points + rng.normal(0, 0.012, points.shape) * np.ptp(points[:, 0]), area


def relight(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Other light: brightness, contrast and the colour of the light."""
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.65, 1.3))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.8, 1.2))
    tint = np.clip(rng.normal(1, 0.05, 3), 0.85, 1.15)
    return Image.fromarray(np.clip(np.asarray(image) * tint, 0, 255).astype(np.uint8))


def cover_part(image: Image.Image, middle: np.ndarray, half: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """Something in front of a part of the body, in half of the calls; ``middle`` and ``half`` are its middle and half its size."""
    if rng.random() < 0.5:
        return image
    size = half * rng.uniform(0.3, 0.8, 2)
    corner = middle + rng.uniform(-1, 0.4, 2) * half
    box = [int(v) for v in (*corner, *(corner + size))]
    image.paste(tuple(int(v) for v in rng.integers(0, 256, 3)), (max(box[0], 0), max(box[1], 0), max(box[2], 1), max(box[3], 1)))
    return image


def hide_face(image: Image.Image, points: np.ndarray, rng: np.random.Generator) -> Image.Image:
    """The face small and blurred, masked, or behind sunglasses: one of the three, drawn at random."""
    eyes, mouth = points[:2], points[3:]
    width = float(np.linalg.norm(eyes[1] - eyes[0])) or 1.0
    what = int(rng.integers(3))
    x0, y0, x1, y1 = (int(v) for v in (*(points.min(axis=0) - width), *(points.max(axis=0) + width)))
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, image.width), min(y1, image.height)
    if x1 - x0 < 4 or y1 - y0 < 4:
        return image
    if what == 0:
        face = image.crop((x0, y0, x1, y1))
        small = max(8, int(rng.uniform(16, 28) * (x1 - x0) / (3 * width)))
        face = face.resize((small, max(8, small * (y1 - y0) // (x1 - x0)))).filter(ImageFilter.GaussianBlur(0.6)).resize((x1 - x0, y1 - y0))
        image.paste(face, (x0, y0))
    else:
        middle = mouth.mean(axis=0) if what == 1 else eyes.mean(axis=0)
        size = np.array([0.95, 0.62]) * width if what == 1 else np.array([0.95, 0.3]) * width
        area = [int(v) for v in (*(middle - size), *(middle + size))]
        colour = (205, 215, 225) if what == 1 else (25, 25, 28)
        image.paste(colour, (area[0], area[1], max(area[2], area[0] + 1), max(area[3], area[1] + 1)))
    return image


def photograph_picture(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A photo of the picture: from another angle, in other light, by another camera."""
    w, h = image.size
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)]) * rng.uniform(0.94, 1.06, (4, 2)) + rng.uniform(-0.03, 0.03, (4, 2)) * (w, h)
    rows, wanted = [], []
    for (x, y), (u, v) in zip([(0, 0), (w, 0), (w, h), (0, h)], corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    warp = np.linalg.solve(np.array(rows, dtype=float), np.array(wanted))
    image = image.transform((w, h), Image.Transform.PERSPECTIVE, warp.tolist(), Image.Resampling.BICUBIC, fillcolor=(128, 120, 110))
    size = rng.uniform(0.6, 1.2)
    image = image.resize((round(w * size), round(h * size)))
    image = relight(image, rng)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.8)))
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=int(rng.integers(50, 95)))
    return Image.open(stored).convert("RGB")
