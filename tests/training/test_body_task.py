"""Training facelib-body lowers its loss, goes on after an interruption, and never shows held-out people."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from facelib.training.augment import Augmentation
from facelib.training.bodies_dataset import Bodies
from facelib.training.body_task import Batch, BodyTask
from facelib.training.export import export_weights
from facelib.training.loop import Schedule, train
from facelib.vision.zoo.facelib_body import FacelibBody, read_facelib_body

STILL = Augmentation(**{field.name: 0.0 for field in dataclasses.fields(Augmentation)})
SMALL = Batch(people=5, garments=2, fabrics=2, coarse_side=32, coarse_until=0.6)


def bodies(people: int = 12, garments: int = 5) -> Bodies:
    """Each in one colour of its own, so that a few steps teach something."""
    random = np.random.default_rng(0)
    colours = random.integers(0, 256, (people + garments, 1, 1, 3), dtype=np.uint8)
    pictures = np.broadcast_to(colours, (people + garments, 96, 96, 3)).copy()
    return Bodies(pictures[:people], pictures[people:])


def task(augmentation: Augmentation = STILL, batch: Batch = SMALL) -> BodyTask:
    torch.set_num_threads(1)
    return BodyTask(bodies(), batch, augmentation)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_few_steps_lower_the_loss_and_the_released_net_gives_the_same_vectors(tmp_path: Path) -> None:
    learner = task(batch=dataclasses.replace(SMALL, coarse_until=1.0))
    losses = [step.losses["instance"] for step in train(learner, Schedule(steps=16, learning_rate=3e-3, ema_decay=0.5), tmp_path / "x", 1)]
    assert np.mean(losses[-4:]) < 0.7 * np.mean(losses[:4])
    net = learner.modules["net"]
    said = export_weights(net, tmp_path / "net.safetensors")
    assert str((tmp_path / "net.safetensors").stat().st_size) in said
    pixels = torch.rand(5, 3, 96, 96) * 2 - 1
    with torch.inference_mode():
        cosines = (read_facelib_body(tmp_path / "net.safetensors").eval()(pixels) * net(pixels)).sum(dim=1)
    assert float(cosines.min()) > 0.999


@pytest.mark.parametrize("stop", [2, 5])
def test_an_interrupted_run_ends_as_one_that_was_not(tmp_path: Path, stop: int) -> None:
    schedule = Schedule(steps=6, learning_rate=1e-3, ema_decay=0.5, checkpoint_every=2)
    whole, first, second = (task(augmentation=Augmentation(squeeze=0.1)) for _ in range(3))
    list(train(whole, schedule, tmp_path / "whole", 3))
    run = train(first, schedule, tmp_path / "cut", 3)
    for _ in range(stop):
        next(run)
    run.close()
    list(train(second, schedule, tmp_path / "cut", 3))
    states = [learner.modules["net"].state_dict() for learner in (whole, second)]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_views_are_coarse_at_first_and_one_seed_gives_the_same_batch() -> None:
    learner = task(augmentation=Augmentation(exposure=0.3, lean=0.1))
    sides: list[int] = []
    learner.modules["net"].register_forward_hook(lambda net, given, found: sides.append(given[0].shape[3]))
    learner.modules.eval()
    losses = [float(learner.losses(0, done, seeded(5))["instance"].detach()) for done in (0.2, 0.2, 0.8)]
    assert sides == [32, 32, 96] and losses[0] == losses[1] != losses[2]


def test_the_two_views_of_a_row_show_the_same_clothes() -> None:
    batch = dataclasses.replace(SMALL, people_cut=0.0, garments_cut=0.0, fabrics=1)
    first, second, (people, garments) = task(batch=batch).view_pairs(48, 0.0, seeded(1))
    assert first.shape == second.shape == (8, 3, 48, 48)
    first, second = first[:7], second[:7]
    torch.testing.assert_close(first, second)
    shown = np.concatenate([bodies().trained[people.numpy()], bodies().garments[garments.numpy()]])[:, 0, 0]
    torch.testing.assert_close(first.mean(dim=(2, 3)), torch.from_numpy(shown / 127.5 - 1).float(), atol=1e-4, rtol=0)


def test_another_backdrop_leaves_the_middle_as_it_is() -> None:
    batch = dataclasses.replace(SMALL, people_cut=1.0)
    first, second, (people, _) = task(batch=batch).view_pairs(48, 0.0, seeded(2))
    first, second = first[: len(people)], second[: len(people)]
    shown = torch.from_numpy(bodies().trained[people.numpy()][:, 0, 0] / 127.5 - 1).float()
    torch.testing.assert_close(first[:, :, 30, 24], shown, atol=1e-2, rtol=0)
    assert float((first - second).abs().mean()) > 0.05


def test_held_out_people_are_never_shown() -> None:
    made = bodies()
    made.people[::5] = 0
    made.people[1::5], made.people[2::5], made.people[3::5], made.people[4::5] = 200, 210, 220, 230
    learner = BodyTask(made, dataclasses.replace(SMALL, people_cut=0.0), STILL)
    for seed in range(5):
        first, _, (people, _) = learner.view_pairs(32, 0.0, seeded(seed))
        assert float(first[: len(people)].min()) > 0.5


def test_the_net_is_small() -> None:
    assert sum(value.numel() for value in FacelibBody().parameters()) < 500_000
