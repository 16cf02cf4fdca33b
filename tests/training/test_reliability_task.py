"""The branches learn whom to trust, calibration makes their probabilities honest, and damage depends on the seed only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from facelib.training.loop import Schedule, train
from facelib.training.reliability_task import (
    Examples,
    ReliabilityTask,
    calibrate,
    damaged,
    degraded,
    examples_without_face,
    presence_of_faces,
    random_crops,
)
from facelib.vision.zoo.facelib_face import Branch, FacelibFace


def examples(n: int = 2000, seed: int = 0) -> Examples:
    """Features whose first two numbers tell, noisily, whom to trust."""
    random = np.random.default_rng(seed)
    features = random.standard_normal((n, 384)).astype(np.float32)
    odds = 2 * features[:, 0] + 2 * features[:, 1]
    return Examples(features, (random.random(n) < 1 / (1 + np.exp(-odds))).astype(np.float32))


def odds_of(branch: Branch, data: Examples) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(branch(torch.from_numpy(data.features))[:, 0].numpy())


def test_it_learns_to_tell_and_calibration_makes_it_honest(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    task = ReliabilityTask(examples(), batch=256)
    list(train(task, Schedule(steps=150, learning_rate=5e-3, ema_decay=0.9), tmp_path / "x", 1))
    branch = task.modules["net"]
    assert isinstance(branch, Branch)
    calibrate(branch, examples(seed=1))
    test = examples(seed=2)
    said = 1 / (1 + np.exp(-odds_of(branch, test)))
    assert said[test.target > 0].mean() > said[test.target == 0].mean() + 0.2
    for low in (0.0, 0.25, 0.5, 0.75):
        part = (said >= low) & (said < low + 0.25)
        if part.sum() > 100:
            assert abs(said[part].mean() - test.target[part].mean()) < 0.12


@pytest.mark.parametrize("scale, shift", [(3.0, 1.0), (0.2, -2.0)])
def test_calibration_undoes_overconfidence_and_keeps_the_order(scale: float, shift: float) -> None:
    torch.manual_seed(0)
    branch = Branch()
    data = examples()
    with torch.no_grad():
        branch.odds.weight.mul_(scale)
        branch.odds.bias.add_(shift)
    before = odds_of(branch, data)
    factor, _ = calibrate(branch, data)
    after = odds_of(branch, data)
    assert float((1 / (1 + np.exp(-after))).mean()) == pytest.approx(float(data.target.mean()), abs=0.01)
    order = np.argsort(before) if factor > 0 else np.argsort(-before)
    assert (np.diff(after[order]) >= -1e-4).all()


def test_damage_leaves_half_alone_and_is_the_same_for_one_seed() -> None:
    views = torch.rand(200, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    kept = views.clone()
    one, same = (damaged(views, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(one, same) and torch.equal(views, kept)
    whole = (one == views).flatten(1).all(dim=1).float().mean()
    assert 0.35 < float(whole) < 0.65
    assert float(one.min()) >= -1.001 and float(one.max()) <= 1.001


def test_what_is_no_face_is_never_trusted() -> None:
    crops = random_crops(np.random.default_rng(0).integers(0, 256, (3, 96, 96, 3), dtype=np.uint8), 5, torch.Generator().manual_seed(0))
    assert crops.shape == (5, 112, 112, 3) and crops.dtype == np.uint8
    seen = examples_without_face(FacelibFace().eval(), crops)
    assert seen.features.shape == (5, 384) and not seen.target.any()


def test_poor_views_keep_their_brightness_and_are_the_same_for_one_seed() -> None:
    views = torch.rand(100, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    one, same = (degraded(views, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(one, same)
    changed = ~(one == views).flatten(1).all(dim=1)
    assert 0.4 < float(changed.float().mean()) < 0.8
    assert (one.var(dim=(1, 2, 3))[changed] < views.var(dim=(1, 2, 3))[changed]).all()
    torch.testing.assert_close(one.mean(dim=(1, 2, 3)), views.mean(dim=(1, 2, 3)), atol=0.1, rtol=0)


@pytest.mark.parametrize("whole", [True, False])
def test_a_face_is_one_and_what_lies_beside_it_is_none(whole: bool) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    matrix = torch.eye(2, 3)
    seen = presence_of_faces(FacelibFace().eval(), pictures, matrix, whole, torch.Generator().manual_seed(0))
    assert seen.features.shape == (3, 384) and (seen.target == whole).all()
