"""Non-maximum suppression, against torchvision's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facelib.vision.suppression import suppress, suppress_nested


@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.sampled_from([0.1, 0.5, 0.7]))
def test_as_torchvision(seed: int, n: int, limit: float) -> None:
    import torch
    from torchvision.ops import nms

    rng = np.random.default_rng(seed)
    corner, size = rng.uniform(0, 50, (n, 2)), rng.uniform(1, 40, (n, 2))
    boxes = np.concatenate([corner, corner + size], axis=1).astype(np.float32)
    scores = rng.random(n).astype(np.float32)
    np.testing.assert_array_equal(suppress(boxes, scores, limit), nms(torch.from_numpy(boxes), torch.from_numpy(scores), limit).numpy())


def test_a_box_inside_another_goes() -> None:
    boxes = np.array([[0, 0, 100, 100], [10, 10, 30, 30], [200, 0, 300, 100]], dtype=np.float32)
    scores = np.array([0.9, 0.95, 0.8], dtype=np.float32)
    assert suppress_nested(boxes, scores, 0.7) == [1, 2]
    assert suppress(boxes, scores, 0.7).tolist() == [1, 0, 2]
