"""Random views stay pictures, depend on their random generator only, and without strength are the crop the program cuts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.model_zoo.registry import card
from facelib.training.augment import Augmentation, view
from facelib.training.face_task import crop_matrix
from facelib.vision.crops import face_chips

WHOLE = torch.tensor([[1.0, 0, 0], [0, 1, 0]])


def pictures(n: int = 6, side: int = 64) -> torch.Tensor:
    """Smooth, and not their own mirror images."""
    y, x = np.mgrid[:side, :side] / side
    one = np.stack([255 * x, 255 * y, 127 + 100 * np.sin(4 * x + 2 * y)])
    return torch.from_numpy(np.stack([one] * n)).to(torch.uint8)


def test_without_strength_only_the_mirror_is_left() -> None:
    given = pictures(16)
    views, mirrored = view(given, WHOLE, 64, Augmentation(), 0.0, torch.Generator().manual_seed(3))
    plain = given.float() / 127.5 - 1
    expected = torch.where(mirrored[:, None, None, None], plain.flip(3), plain)
    assert mirrored.any() and not mirrored.all()
    torch.testing.assert_close(views.contiguous(), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", [field.name for field in dataclasses.fields(Augmentation)])
def test_each_kind_changes_pictures_and_keeps_their_range(kind: str) -> None:
    off = Augmentation(**{field.name: 0.0 for field in dataclasses.fields(Augmentation)})
    before, _ = view(pictures(), WHOLE, 64, off, 1.0, torch.Generator().manual_seed(0))
    after, _ = view(pictures(), WHOLE, 64, dataclasses.replace(off, **{kind: 1.0}), 1.0, torch.Generator().manual_seed(0))
    assert float((after - before).abs().mean()) > 1e-3
    assert torch.isfinite(after).all() and float(after.min()) >= -1 and float(after.max()) <= 1


def test_one_seed_one_view_and_the_pictures_stay() -> None:
    given = pictures(16)
    kept = given.clone()
    one, _ = view(given, WHOLE, 48, Augmentation(), 1.0, torch.Generator().manual_seed(7))
    same, _ = view(given, WHOLE, 48, Augmentation(), 1.0, torch.Generator().manual_seed(7))
    other, _ = view(given, WHOLE, 48, Augmentation(), 1.0, torch.Generator().manual_seed(8))
    assert torch.equal(one, same) and not torch.equal(one, other) and torch.equal(given, kept)


def test_a_view_of_a_training_face_is_the_chip_the_program_cuts() -> None:
    """Else the network would be trained on other crops than it gets."""
    template = scaled(card("face-reid-0095").template or (), 112 / 128)
    face = pictures(1, 128)
    landmarks = np.array(scaled(ARCFACE_112, 128 / 112))[None]
    chip = face_chips(face[0].permute(1, 2, 0).numpy(), landmarks, template, (112, 112))[0]
    for seed in range(20):
        views, mirrored = view(face, crop_matrix(template), 112, Augmentation(), 0.0, torch.Generator().manual_seed(seed))
        if not mirrored[0]:
            difference = (views[0].permute(1, 2, 0).numpy() + 1) * 127.5 - chip
            assert np.abs(difference)[4:-4, 4:-4].max() < 3
            return
    raise AssertionError("no view without the mirror in 20")
