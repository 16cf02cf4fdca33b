"""The histogram tells clothes apart, and gives unit vectors for any crop."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facelib.vision.zoo.colour_texture import DIMENSION, histograms


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(0, 255))
def test_rows_are_unit_and_not_negative(seed: int, count: int, low: int) -> None:
    crops = np.random.default_rng(seed).integers(low, 256, (count, 48, 48, 3)).astype(np.uint8)
    rows = histograms(crops)
    assert rows.shape == (count, DIMENSION) and rows.dtype == np.float32
    assert (rows >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_black_and_white_are_fine() -> None:
    rows = histograms(np.stack([np.zeros((48, 48, 3), np.uint8), np.full((48, 48, 3), 255, np.uint8)]))
    assert np.isfinite(rows).all()
    assert rows[0] @ rows[1] < 0.6


def test_colour_and_pattern_tell_garments_apart() -> None:
    red, blue = np.zeros((48, 48, 3), np.uint8), np.zeros((48, 48, 3), np.uint8)
    red[..., 0], blue[..., 2] = 180, 180
    darker = (red * 0.9).astype(np.uint8)
    striped = red.copy()
    striped[::4], striped[1::4] = 30, 30
    base, other, shade, stripes = histograms(np.stack([red, blue, darker, striped]))
    assert base @ shade > 0.97
    assert base @ other < 0.7
    assert base @ stripes < 0.9


def test_the_same_garment_lies_nearest(shared: Path) -> None:
    random = np.random.default_rng(0)
    with zipfile.ZipFile(shared / "data" / "upper-bodies.zip") as bodies:
        names = [name for name in bodies.namelist() if name.startswith("person/") and name.endswith(".webp")][:120]
        crops = [Image.open(io.BytesIO(bodies.read(name))).convert("RGB") for name in names]
    if len(crops) < 100:
        pytest.skip("upper-bodies.zip holds fewer crops than this needs")

    def seen(picture: Image.Image) -> np.ndarray:
        x, y, side = random.integers(0, 10), random.integers(0, 10), random.integers(80, 87)
        part = picture.crop((x, y, x + side, y + side)).resize((48, 48), Image.Resampling.BILINEAR)
        return np.clip(np.asarray(part, dtype=float) * random.uniform(0.85, 1.1), 0, 255).astype(np.uint8)

    first, second = (histograms(np.stack([seen(crop) for crop in crops])) for _ in range(2))
    assert ((first @ second.T).argmax(axis=1) == np.arange(len(crops))).mean() > 0.9
