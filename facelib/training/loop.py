"""The training loop: AdamW or Muon, one learning-rate cycle, averaged weights, a checkpoint to go on from.

What a step trains on depends on seed, step and process alone, so a run that was interrupted ends as one that was not.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from facelib.training.distributed import Team
from facelib.training.muon import Muon

CPU = torch.device("cpu")
_START, _RISE, _END = 1 / 25, 0.15, 1 / 1000


@dataclass(frozen=True)
class Schedule:
    """How long and how hard.

    Attributes
    ----------
    steps : int
        Optimizer steps of the whole run.
    rate : float
        Highest learning rate of the cycle.
    weight_decay : float
    average : float
        Decay of the running average of the weights at each step; it begins lower, so that the first weights are soon forgotten.
    checkpoint : int
        Steps between two checkpoints.
    filters : str
        What moves filters and matrices: ``adamw`` or ``muon``. Gains and biases are always AdamW's.
    """

    steps: int
    rate: float
    weight_decay: float = 0.05
    average: float = 0.999
    checkpoint: int = 100
    filters: str = "adamw"


@dataclass(frozen=True)
class Step:
    """One step done: its number from 1 on, the learning rate, and the parts of the loss by name."""

    number: int
    rate: float
    losses: Mapping[str, float]


class Task(Protocol):
    """What is trained, and on what.

    Attributes
    ----------
    modules : nn.ModuleDict
        All that has weights; ``modules["net"]`` is the network that is kept, its weights averaged.
    """

    modules: nn.ModuleDict

    def losses(self, step: int, done: float, random: torch.Generator) -> dict[str, Tensor]:
        """The weighted parts of the loss of one batch, drawn by ``random``; ``done`` is the part of the run behind us, 0..1."""
        ...


def one_cycle(done: float) -> float:
    """The learning rate as a part of the highest: a cosine up over the first 15 %, a cosine down to a thousandth (Smith 2018)."""
    if done < _RISE:
        return _START + (1 - _START) * 0.5 * (1 - math.cos(math.pi * done / _RISE))
    return _END + (1 - _END) * 0.5 * (1 + math.cos(math.pi * (done - _RISE) / (1 - _RISE)))


def train(
    task: Task, schedule: Schedule, checkpoint: Path, seed: int, device: torch.device = CPU, team: Team | None = None
) -> Iterator[Step]:
    """Train to the end of the schedule, from the last checkpoint if there is one.

    Parameters
    ----------
    task : Task
    schedule : Schedule
    checkpoint : Path
        Written every ``schedule.checkpoint`` steps and at the end, complete or not at all.
    seed : int
    device : torch.device
        Where the modules are put before the first step; a task takes its batches there.
    team : Team or None
        Who trains with this process; all must have the same task and schedule.

    Yields
    ------
    Step
        After each step. When all are done, ``task.modules["net"]`` has the averaged weights.
    """
    team = team or Team()
    modules = task.modules.to(device=device, memory_format=torch.channels_last)
    optimizers = _optimizers(modules, schedule)
    average = AveragedModel(modules["net"], multi_avg_fn=get_ema_multi_avg_fn(schedule.average), use_buffers=True)
    first = _resume(checkpoint, modules, optimizers, average)
    for step in range(first, schedule.steps):
        done = step / schedule.steps
        rate = schedule.rate * one_cycle(done)
        modules.train()
        random = torch.Generator().manual_seed((seed * 1_000_003 + step) * team.size + team.rank)
        parts = task.losses(step, done, random)
        modules.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()
        team.share_gradients(modules)
        nn.utils.clip_grad_norm_(modules.parameters(), 5.0)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        average.multi_avg_fn = get_ema_multi_avg_fn(min(schedule.average, (step + 1) / (step + 10)))
        average.update_parameters(modules["net"])
        if team.rank == 0 and ((step + 1) % schedule.checkpoint == 0 or step + 1 == schedule.steps):
            _save(checkpoint, step + 1, modules, optimizers, average)
        yield Step(step + 1, rate, {name: float(value.detach()) for name, value in parts.items()})
    modules["net"].load_state_dict(average.module.state_dict())
    modules.eval()


def averaged_net(net: nn.Module, checkpoint: Path) -> int:
    """Load the averaged weights of a checkpoint into a network of the same shape; the number of steps behind them."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    wrapper = AveragedModel(net, use_buffers=True)
    wrapper.load_state_dict(state["average"])
    net.load_state_dict(wrapper.module.state_dict())
    return int(state["step"])


def device_of(modules: nn.Module) -> torch.device:
    """Where the first of its weights lies."""
    return next(modules.parameters()).device


def _optimizers(modules: nn.Module, schedule: Schedule) -> list[torch.optim.Optimizer]:
    """Weight decay for matrices and filters only: it would only shrink gains and biases of normalisations."""
    parameters = [p for p in modules.parameters() if p.requires_grad]
    # The filter of one channel is a row by itself: there is no matrix to make orthogonal.
    dense = [p for p in parameters if p.ndim > 1 and p.shape[1] > 1]
    channelwise = [p for p in parameters if p.ndim > 1 and p.shape[1] == 1]
    others = [p for p in parameters if p.ndim <= 1]
    decayed = {"weight_decay": schedule.weight_decay}
    if schedule.filters == "muon":
        groups = [{"params": channelwise} | decayed, {"params": others, "weight_decay": 0.0}]
        return [Muon(dense, schedule.rate, schedule.weight_decay), torch.optim.AdamW(groups, schedule.rate)]
    groups = [{"params": dense + channelwise} | decayed, {"params": others, "weight_decay": 0.0}]
    return [torch.optim.AdamW(groups, schedule.rate)]


def _resume(checkpoint: Path, modules: nn.Module, optimizers: list[torch.optim.Optimizer], average: AveragedModel) -> int:
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    modules.load_state_dict(state["modules"])
    for optimizer, its in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(its)
    average.load_state_dict(state["average"])
    return int(state["step"])


def _save(checkpoint: Path, step: int, modules: nn.Module, optimizers: list[torch.optim.Optimizer], average: AveragedModel) -> None:
    part = checkpoint.with_suffix(".part")
    state = {
        "step": step,
        "modules": modules.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "average": average.state_dict(),
    }
    torch.save(state, part)
    os.replace(part, checkpoint)
