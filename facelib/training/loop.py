"""The training loop: AdamW or Muon, one learning-rate cycle, averaged weights, checkpoints.

The batch of a step depends on seed, step and process only, so a run that was interrupted ends with the same weights as one that
was not.
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

from facelib.training.distributed import ProcessGroup
from facelib.training.muon import FilterMuon

CPU, ALONE = torch.device("cpu"), ProcessGroup()
_START, _RISE, _END = 1 / 25, 0.15, 1 / 1000


@dataclass(frozen=True)
class Schedule:
    """Length of a run and settings of its optimizer.

    Attributes
    ----------
    steps : int
        Optimizer steps of the whole run.
    learning_rate : float
        Highest of the cycle.
    weight_decay : float
    ema_decay : float
        Of the exponential moving average of the weights, at each step. It begins lower, so that the first weights soon count for
        nothing.
    checkpoint_every : int
        Steps between two checkpoints.
    optimizer : str
        Of filters and matrices: ``adamw`` or ``muon``. Gains and biases are always optimized by AdamW.
    """

    steps: int
    learning_rate: float
    weight_decay: float = 0.05
    ema_decay: float = 0.999
    checkpoint_every: int = 100
    optimizer: str = "adamw"


@dataclass(frozen=True)
class StepResult:
    """A finished step: its number, from 1 on, the learning rate, and the parts of the loss by name."""

    number: int
    learning_rate: float
    losses: Mapping[str, float]


class Task(Protocol):
    """A network and the loss it is trained with.

    Attributes
    ----------
    modules : nn.ModuleDict
        Everything that has weights. ``modules["net"]`` is the network; its weights are averaged.
    """

    modules: nn.ModuleDict

    def losses(self, step: int, progress: float, random: torch.Generator) -> dict[str, Tensor]:
        """The weighted parts of the loss of one batch, drawn by ``random``; ``progress`` is the finished share of the run, 0..1."""
        ...


def one_cycle(progress: float) -> float:
    """The learning rate divided by the highest (Smith 2018): a cosine up over the first 15 %, a cosine down to a thousandth."""
    if progress < _RISE:
        return _START + (1 - _START) * 0.5 * (1 - math.cos(math.pi * progress / _RISE))
    return _END + (1 - _END) * 0.5 * (1 + math.cos(math.pi * (progress - _RISE) / (1 - _RISE)))


def train(
    task: Task,
    schedule: Schedule,
    checkpoint: Path,
    seed: int,
    device: torch.device = CPU,
    group: ProcessGroup = ALONE,
) -> Iterator[StepResult]:
    """Train to the end of the schedule, from the checkpoint if it exists.

    Parameters
    ----------
    task : Task
    schedule : Schedule
    checkpoint : Path
        Written every ``schedule.checkpoint_every`` steps and at the end, complete or not at all.
    seed : int
    device : torch.device
        The modules are moved to it before the first step; a task moves its batches to it.
    group : ProcessGroup
        The processes that train together; all must have the same task and schedule.

    Yields
    ------
    StepResult
        After each step. After the last one ``task.modules["net"]`` has the averaged weights.
    """
    modules = task.modules.to(device=device, memory_format=torch.channels_last)
    optimizers = _optimizers(modules, schedule)
    average = AveragedModel(modules["net"], multi_avg_fn=get_ema_multi_avg_fn(schedule.ema_decay), use_buffers=True)
    first = _resume(checkpoint, modules, optimizers, average)
    for step in range(first, schedule.steps):
        progress = step / schedule.steps
        rate = schedule.learning_rate * one_cycle(progress)
        modules.train()
        random = torch.Generator().manual_seed((seed * 1_000_003 + step) * group.world_size + group.rank)
        parts = task.losses(step, progress, random)
        modules.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()
        group.average_gradients(modules)
        nn.utils.clip_grad_norm_(modules.parameters(), 5.0)
        for optimizer in optimizers:
            for settings in optimizer.param_groups:
                settings["lr"] = rate
            optimizer.step()
        average.multi_avg_fn = get_ema_multi_avg_fn(min(schedule.ema_decay, (step + 1) / (step + 10)))
        average.update_parameters(modules["net"])
        if group.rank == 0 and ((step + 1) % schedule.checkpoint_every == 0 or step + 1 == schedule.steps):
            _save(checkpoint, step + 1, modules, optimizers, average)
        yield StepResult(step + 1, rate, {name: float(value.detach()) for name, value in parts.items()})
    modules["net"].load_state_dict(average.module.state_dict())
    modules.eval()


def load_averaged_weights(net: nn.Module, checkpoint: Path) -> int:
    """Load the averaged weights of a checkpoint into a network of the same shape; return the step of the checkpoint."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    wrapper = AveragedModel(net, use_buffers=True)
    wrapper.load_state_dict(state["average"])
    net.load_state_dict(wrapper.module.state_dict())
    return int(state["step"])


def device_of(modules: nn.Module) -> torch.device:
    """The device of the first weight."""
    return next(modules.parameters()).device


def _optimizers(modules: nn.Module, schedule: Schedule) -> list[torch.optim.Optimizer]:
    """Weight decay for matrices and filters only: gains and biases of normalisation layers should not shrink."""
    parameters = [p for p in modules.parameters() if p.requires_grad]
    # The filter of one channel is a single row: there is no matrix to make orthogonal.
    dense = [p for p in parameters if p.ndim > 1 and p.shape[1] > 1]
    channelwise = [p for p in parameters if p.ndim > 1 and p.shape[1] == 1]
    others = [p for p in parameters if p.ndim <= 1]
    decayed = {"weight_decay": schedule.weight_decay}
    if schedule.optimizer == "muon":
        groups = [{"params": channelwise} | decayed, {"params": others, "weight_decay": 0.0}]
        return [FilterMuon(dense, schedule.learning_rate, schedule.weight_decay), torch.optim.AdamW(groups, schedule.learning_rate)]
    groups = [{"params": dense + channelwise} | decayed, {"params": others, "weight_decay": 0.0}]
    return [torch.optim.AdamW(groups, schedule.learning_rate)]


def _resume(checkpoint: Path, modules: nn.Module, optimizers: list[torch.optim.Optimizer], average: AveragedModel) -> int:
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    modules.load_state_dict(state["modules"])
    for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    average.load_state_dict(state["average"])
    return int(state["step"])


def _save(checkpoint: Path, step: int, modules: nn.Module, optimizers: list[torch.optim.Optimizer], average: AveragedModel) -> None:
    temporary = checkpoint.with_suffix(".part")
    state = {
        "step": step,
        "modules": modules.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "average": average.state_dict(),
    }
    torch.save(state, temporary)
    os.replace(temporary, checkpoint)
