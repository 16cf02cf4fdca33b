"""Processes that train together keep one network; if one fails or the parent is killed, all end."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from facelib.training.distributed import ProcessGroup, run_processes
from facelib.training.loop import Schedule, load_averaged_weights, train

pytestmark = pytest.mark.slow


class Line:
    """Learns y = 3 x - 1 from batches of its own."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.modules = nn.ModuleDict({"net": nn.Linear(1, 1)})

    def losses(self, step: int, progress: float, random: torch.Generator) -> dict[str, Tensor]:
        x = torch.randn(16, 1, generator=random)
        return {"square": (self.modules["net"](x) - (3 * x - 1)).square().mean()}


def train_one(folder: Path, group: ProcessGroup) -> None:
    torch.set_num_threads(1)
    task = Line()
    schedule = Schedule(steps=150, learning_rate=0.2, ema_decay=0.5, checkpoint_every=50)
    seen = [step.losses["square"] for step in train(task, schedule, folder / "checkpoint", 1, group=group)]
    torch.save({"seen": seen, "weights": task.modules["net"].state_dict()}, folder / f"member-{group.rank}")


def fail_in_one(group: ProcessGroup) -> None:
    if group.rank:
        raise ValueError("one of them")
    # The other waits in the middle of a step and fails too, of a closed connection.
    net = nn.Linear(1, 1)
    net(torch.ones(1, 1)).sum().backward()
    group.average_gradients(net)


def test_two_train_one_network_on_batches_of_their_own(tmp_path: Path) -> None:
    run_processes(2, tmp_path / "rendezvous", partial(train_one, tmp_path))
    first, second = (torch.load(tmp_path / f"member-{rank}") for rank in range(2))
    assert first["seen"] != second["seen"]
    for name, value in first["weights"].items():
        assert torch.equal(value, second["weights"][name])
    assert first["seen"][-1] < 0.05 * first["seen"][0]
    assert load_averaged_weights(nn.Linear(1, 1), tmp_path / "checkpoint") == 150


def test_one_alone_needs_nobody(tmp_path: Path) -> None:
    run_processes(1, tmp_path / "rendezvous", partial(train_one, tmp_path))
    assert (tmp_path / "member-0").exists() and not (tmp_path / "rendezvous").exists()


def spawn_and_look_late(work: Callable[..., None], arguments: tuple[object, ...], nprocs: int) -> None:
    context = torch.multiprocessing.start_processes(work, arguments, nprocs, join=False)
    for process in context.processes:
        process.join()
    context.join()


@pytest.mark.parametrize("late", [False, True])
def test_one_that_fails_ends_all_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool) -> None:
    if late:
        # On a busy machine all have ended before the parent looks.
        monkeypatch.setattr(torch.multiprocessing, "spawn", spawn_and_look_late)
    with pytest.raises(RuntimeError, match="one of them"):
        run_processes(2, tmp_path / "rendezvous", fail_in_one)
    assert not list(tmp_path.glob("*.failed"))


def wait_long(folder: Path, group: ProcessGroup) -> None:
    (folder / f"{group.rank}.pid").write_text(str(os.getpid()))
    time.sleep(60)


def test_members_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    arguments = (2, tmp_path / "rendezvous", partial(wait_long, tmp_path))
    parent = multiprocessing.get_context("spawn").Process(target=run_processes, args=arguments)
    parent.start()
    while len(list(tmp_path.glob("*.pid"))) < 2:
        time.sleep(0.1)
    time.sleep(0.2)
    parent.kill()
    parent.join()
    members = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    end = time.monotonic() + 20
    while any(running(member) for member in members) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(running(member) for member in members)


def running(pid: int) -> bool:
    """Not gone, nor only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
