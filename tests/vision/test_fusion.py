from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from facelib.errors import WeightsError
from facelib.vision.centering import Opening, unit_rows
from facelib.vision.fusion import OTHER, OWN, Blend, read_blend


def vectors(seed: int, n: int = 6) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).standard_normal((n, OWN + OTHER)))


def axes(count: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(0).standard_normal((OWN + OTHER, count)))[0].astype(np.float32)


@given(st.integers(0, 1000), st.floats(0, 1))
def test_the_cosine_is_the_weighted_mean_of_both(seed: int, share: float) -> None:
    rows = vectors(seed)
    own, other = unit_rows(rows[:, :OWN]), unit_rows(rows[:, OWN:])
    blend = Blend(share, Opening(), Opening(), np.eye(OWN + OTHER, dtype=np.float32))
    found = blend.opened(rows)
    np.testing.assert_allclose(found @ found.T, share * own @ own.T + (1 - share) * other @ other.T, atol=1e-5)


@given(st.integers(0, 1000))
def test_axes_that_hold_the_vectors_keep_their_cosines(seed: int) -> None:
    rows = vectors(seed)
    whole = Blend(0.3, Opening(), Opening(), np.eye(OWN + OTHER, dtype=np.float32)).opened(rows)
    held = np.linalg.qr(whole.T)[0].astype(np.float32)
    short = Blend(0.3, Opening(), Opening(), held).opened(rows)
    assert short.shape == (6, 6)
    np.testing.assert_allclose(short @ short.T, whole @ whole.T, atol=1e-5)


def test_a_blend_is_read_from_its_files_and_nothing_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    centre, centres = rng.standard_normal(OTHER).astype(np.float32), rng.standard_normal((5, OWN)).astype(np.float32)
    save_file({"centre": centre}, tmp_path / "centre")
    save_file({"centres": centres, "part": np.float32([0.5]), "sharpness": np.float32([20])}, tmp_path / "centres")
    held = {"share": np.float32([0.25]), "axes": axes(64)}
    save_file(held, tmp_path / "blend")

    def read(dimension: int) -> Blend:
        return read_blend(tmp_path / "blend", tmp_path / "centres", tmp_path / "centre", dimension)

    blend = read(64)
    assert blend.share == 0.25 and blend.own.part == 0.5 and blend.own.sharpness == 20
    np.testing.assert_array_equal(blend.other.centre, centre)
    assert blend.opened(vectors(1)).shape == (6, 64)
    with pytest.raises(WeightsError, match="no axes of the right shape"):
        read(65)
    held["share"][0] = np.nan
    save_file(held, tmp_path / "blend")
    with pytest.raises(WeightsError, match="no share"):
        read(64)
    (tmp_path / "blend").write_bytes(b"no safetensors")
    with pytest.raises(WeightsError, match="cannot read"):
        read(64)
