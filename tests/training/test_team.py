from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from facelib.training.loop import Schedule, averaged_net, train
from facelib.training.team import Team, run_team


class Line:
    """Learns y = 3 x - 1 from batches of its own."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.modules = nn.ModuleDict({"net": nn.Linear(1, 1)})

    def losses(self, step: int, done: float, random: torch.Generator) -> dict[str, Tensor]:
        x = torch.randn(16, 1, generator=random)
        return {"square": (self.modules["net"](x) - (3 * x - 1)).square().mean()}


def train_one(folder: Path, team: Team) -> None:
    torch.set_num_threads(1)
    task = Line()
    schedule = Schedule(steps=150, rate=0.2, average=0.5, checkpoint=50)
    seen = [step.losses["square"] for step in train(task, schedule, folder / "checkpoint", 1, team=team)]
    torch.save({"seen": seen, "weights": task.modules["net"].state_dict()}, folder / f"member-{team.rank}")


def fail_in_one(team: Team) -> None:
    if team.rank:
        raise ValueError("one of them")


def test_two_train_one_network_on_batches_of_their_own(tmp_path: Path) -> None:
    run_team(2, tmp_path / "meeting", partial(train_one, tmp_path))
    first, second = (torch.load(tmp_path / f"member-{rank}") for rank in range(2))
    assert first["seen"] != second["seen"]
    for name, value in first["weights"].items():
        assert torch.equal(value, second["weights"][name])
    assert first["seen"][-1] < 0.05 * first["seen"][0]
    assert averaged_net(nn.Linear(1, 1), tmp_path / "checkpoint") == 150


def test_one_alone_needs_nobody(tmp_path: Path) -> None:
    run_team(1, tmp_path / "meeting", partial(train_one, tmp_path))
    assert (tmp_path / "member-0").exists() and not (tmp_path / "meeting").exists()


def test_one_that_fails_ends_all(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="one of them"):
        run_team(2, tmp_path / "meeting", fail_in_one)
