"""Data-parallel training on one machine: each process trains on its own batch, and gradients are averaged over the processes.

Two processes of one thread each are faster than one process of two threads: they synchronise once a step, not once an operation.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import distributed, multiprocessing, nn

from facelib.parent_process import exit_with_parent


@dataclass(frozen=True)
class ProcessGroup:
    """This process among those that train together; ``ProcessGroup()`` is a process that trains alone.

    Attributes
    ----------
    rank : int
        Number of this process, from 0 on. Only rank 0 writes files.
    world_size : int
        Number of processes.
    """

    rank: int = 0
    world_size: int = 1

    def average_gradients(self, modules: nn.Module) -> None:
        """Replace every gradient by its mean over the group; a parameter must have one in all processes or in none."""
        if self.world_size == 1:
            return
        gradients = [p.grad for p in modules.parameters() if p.grad is not None]
        flat = torch.cat([g.reshape(-1) for g in gradients])
        distributed.all_reduce(flat)
        flat /= self.world_size
        for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients])):
            gradient.copy_(mean.view(gradient.shape))


def run_processes(world_size: int, rendezvous: Path, work: Callable[[ProcessGroup], None]) -> None:
    """Call ``work`` in ``world_size`` new processes and wait for all of them; with a size of 1, call it in this process.

    Parameters
    ----------
    world_size : int
    rendezvous : Path
        A file that does not exist: the processes find each other through it. They communicate over the loopback interface.
    work : callable
        Importable by name.

    Raises
    ------
    RuntimeError
        If a process fails, with its traceback; the others are stopped.
    """
    if world_size == 1:
        work(ProcessGroup())
        return
    traceback_file = _traceback_file(rendezvous)
    for path in (rendezvous, traceback_file):
        path.unlink(missing_ok=True)
    try:
        multiprocessing.spawn(_run_process, (world_size, rendezvous, work, os.getpid()), nprocs=world_size)
    except (multiprocessing.ProcessRaisedException, multiprocessing.ProcessExitedException) as failure:
        cause = traceback_file.read_text(encoding="utf-8") if traceback_file.exists() else str(failure)
        traceback_file.unlink(missing_ok=True)
        raise RuntimeError(cause) from failure


def _run_process(rank: int, world_size: int, rendezvous: Path, work: Callable[[ProcessGroup], None], parent: int) -> None:
    # Without this, processes whose parent was killed would train on and overwrite the files of the run that replaces it.
    exit_with_parent(parent)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    try:
        distributed.init_process_group("gloo", init_method=rendezvous.absolute().as_uri(), rank=rank, world_size=world_size)
        work(ProcessGroup(rank, world_size))
    except Exception:
        # Written before the connection is closed: that makes the other processes fail too, and the parent may see them end first.
        with suppress(FileExistsError), _traceback_file(rendezvous).open("x", encoding="utf-8") as file:
            file.write(traceback.format_exc())
        raise
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()


def _traceback_file(rendezvous: Path) -> Path:
    """The first process that fails writes its traceback here."""
    return rendezvous.with_name(f"{rendezvous.name}.failed")
