"""The loop learns, averages weights, and an interrupted run ends with the same weights as one that was not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from facelib.training.loop import Schedule, load_averaged_weights, one_cycle, train

SCHEDULE = Schedule(steps=40, learning_rate=0.05, ema_decay=0.9, checkpoint_every=7)


class Line:
    """Learns y = 3 x - 1."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.modules = nn.ModuleDict({"net": nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))})

    def losses(self, step: int, progress: float, random: torch.Generator) -> dict[str, Tensor]:
        x = torch.randn(64, 1, generator=random)
        return {"square": (self.modules["net"](x) - (3 * x - 1)).square().mean()}


def weights(task: Line) -> Tensor:
    return torch.cat([value.double().flatten() for value in task.modules["net"].state_dict().values()])


@pytest.mark.parametrize("filters", ["adamw", "muon"])
def test_it_learns_and_keeps_averaged_weights(tmp_path: Path, filters: str) -> None:
    task = Line()
    steps = list(train(task, Schedule(steps=300, learning_rate=0.05, ema_decay=0.9, optimizer=filters), tmp_path / "x", 1))
    assert [step.number for step in steps] == list(range(1, 301))
    assert steps[-1].losses["square"] < 0.1 * steps[0].losses["square"]
    assert not task.modules["net"].training


@pytest.mark.parametrize("filters", ["adamw", "muon"])
@pytest.mark.parametrize("stop", [3, 7, 20, 39])
def test_an_interrupted_run_ends_as_one_that_was_not(tmp_path: Path, stop: int, filters: str) -> None:
    schedule = replace(SCHEDULE, optimizer=filters)
    whole, first, second = Line(), Line(), Line()
    list(train(whole, schedule, tmp_path / "whole", 5))
    run = train(first, schedule, tmp_path / "cut", 5)
    for _ in range(stop):
        next(run)
    run.close()
    redone = [step.number for step in train(second, schedule, tmp_path / "cut", 5)]
    assert redone[0] == stop // 7 * 7 + 1
    assert torch.equal(weights(whole), weights(second))


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    one, other = Line(), Line()
    list(train(one, SCHEDULE, tmp_path / "one", 1))
    list(train(other, SCHEDULE, tmp_path / "other", 2))
    assert not torch.equal(weights(one), weights(other))


def test_the_averaged_weights_of_a_checkpoint_can_be_had_alone(tmp_path: Path) -> None:
    task, fresh = Line(), Line()
    list(train(task, SCHEDULE, tmp_path / "x", 1))
    assert load_averaged_weights(fresh.modules["net"], tmp_path / "x") == 40
    assert torch.equal(weights(task), weights(fresh))


def test_a_checkpoint_cut_short_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(b"half")
    assert len(list(train(Line(), SCHEDULE, tmp_path / "x", 1))) == 40


def test_the_rate_rises_once_and_falls_to_almost_nothing() -> None:
    rates = [one_cycle(k / 1000) for k in range(1001)]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top]) and rates[top:] == sorted(rates[top:], reverse=True)
    assert max(rates) == pytest.approx(1, abs=1e-3) and rates[-1] < 0.002 and rates[0] == pytest.approx(0.04)
