"""Conversion of the colours of any file to sRGB, which detectors and embedders were trained on."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

PLAIN_MODES = frozenset({"L", "RGB", "CMYK", "YCbCr", "LA", "RGBA"})
"""Modes with 8 bits a channel and neither palette nor key colour: those that may be averaged when a picture is reduced."""

_TO_PLAIN = {"1": "L", "P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB", "HSV": "RGB"}
_INTEGER_RANGES = (255, 1023, 4095, 16383, 32767, 65535)


def is_plain(image: Image.Image) -> bool:
    """Whether :func:`to_plain` would return the picture as it is."""
    return image.mode in PLAIN_MODES and "transparency" not in image.info


def to_plain(image: Image.Image, extent: tuple[float, float]) -> Image.Image:
    """Convert to one of :data:`PLAIN_MODES`.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode.
    extent : tuple of float
        Least and greatest value of the *whole* picture (:func:`value_range`), used by modes of more than 8 bits.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _to_8_bit(image, extent)
    if image.mode == "LAB":
        return ImageCms.applyTransform(image, _lab_to_srgb()) or image
    if "transparency" in image.info:
        return image.convert("LA" if image.mode == "L" else "RGBA") if image.mode != "1" else image.convert("L")
    if image.mode in PLAIN_MODES:
        return image
    return image.convert(_TO_PLAIN.get(image.mode, "RGB"))


def value_range(image: Image.Image) -> tuple[float, float]:
    """The values that become black and white.

    For integers 0 and the greatest value of the narrowest usual range (8, 10, 12, 14, 15, 16 bits) that holds all of them: cameras and
    scanners store 12 bits in 16, and 16 bits must not be clipped to 8. Anything wider or negative, and floating point
    beyond 0..1 and 0..255, is spread from its least to its greatest value.

    Returns
    -------
    low, high : float
        ``high > low``.
    """
    if image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        return 0.0, 255.0
    if image.mode == "F":
        values = np.asarray(image)
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    elif image.mode in ("I", "I;16"):
        low, high = map(float, np.array(image.getextrema()))
    else:
        low, high = float(np.asarray(image).min()), float(np.asarray(image).max())
    if low >= 0:
        tops = (1, 255, 65535) if image.mode == "F" else _INTEGER_RANGES
        for top in tops:
            if high <= top:
                return 0.0, float(top)
    return low, max(high, low + 1.0)


def _to_8_bit(image: Image.Image, extent: tuple[float, float]) -> Image.Image:
    low, high = extent
    values = np.nan_to_num(np.asarray(image).astype(np.float32), nan=low, posinf=high, neginf=low)
    values = (values - low) * (255.0 / (high - low))
    return Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Put a plain picture on a white background and convert it to sRGB.

    White, because viewers show cut-out people and logos on white; the colours of transparent pixels are often noise.

    Parameters
    ----------
    image : PIL.Image.Image
        Of one of :data:`PLAIN_MODES`.
    profile : bytes or None
        Its ICC profile. One that is damaged or does not fit the picture is ignored.

    Returns
    -------
    PIL.Image.Image
        Mode RGB.
    """
    if image.mode in ("LA", "RGBA"):
        background = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(background, image.convert("RGBA")).convert("RGB" if image.mode == "RGBA" else "L")
    if profile:
        transform = _transform(profile, image.mode)
        if transform is not None:
            return ImageCms.applyTransform(image, transform) or image
    return image if image.mode == "RGB" else image.convert("RGB")


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return None
        # lcms keeps the last pixel it converted unless told not to; threads would share that cache.
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", flags=ImageCms.Flags.NOCACHE)
    except Exception:  # lcms refuses damaged profiles and those for another number of channels in several ways
        return None


@lru_cache(maxsize=1)
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB", flags=ImageCms.Flags.NOCACHE
    )
