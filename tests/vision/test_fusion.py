"""The cosine of fused vectors is the weighted mean of the networks' cosines."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.vision.centering import Centering, unit_rows
from facelib.vision.fusion import FusedNetwork, ScoreFusion

FIRST, SECOND = 256, 128
EVERY_AXIS = np.eye(FIRST + SECOND, dtype=np.float32)


def fusion(share: float, axes: np.ndarray = EVERY_AXIS) -> ScoreFusion:
    return ScoreFusion((FusedNetwork(FIRST, share, Centering()), FusedNetwork(SECOND, 1 - share, Centering())), axes)


def vectors(seed: int, n: int = 6) -> np.ndarray:
    return unit_rows(np.random.default_rng(seed).standard_normal((n, FIRST + SECOND)))


@given(st.integers(0, 1000), st.floats(0, 1))
def test_the_cosine_is_the_weighted_mean_of_both(seed: int, share: float) -> None:
    rows = vectors(seed)
    first, second = unit_rows(rows[:, :FIRST]), unit_rows(rows[:, FIRST:])
    fused = fusion(share).fused(rows)
    np.testing.assert_allclose(fused @ fused.T, share * first @ first.T + (1 - share) * second @ second.T, atol=1e-5)


@given(st.integers(0, 1000))
def test_axes_that_hold_the_vectors_keep_their_cosines(seed: int) -> None:
    rows = vectors(seed)
    whole = fusion(0.3).fused(rows)
    short = fusion(0.3, np.linalg.qr(whole.T)[0].astype(np.float32)).fused(rows)
    assert short.shape == (6, 6)
    np.testing.assert_allclose(short @ short.T, whole @ whole.T, atol=1e-5)
