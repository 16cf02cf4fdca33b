"""Processes of one machine that train one network together: each on a batch of its own, all with the mean of their gradients.

Two processes of one thread each are faster than one process of two threads: they meet once a step, not once an operation.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch
from torch import distributed, multiprocessing, nn

from facelib.parent_process import leave_with


class Team:
    """One process of several; ``Team()`` is alone.

    Attributes
    ----------
    rank, size : int
        Which of how many. Only rank 0 writes files.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    def share_gradients(self, modules: nn.Module) -> None:
        """Replace every gradient by its mean over the team; a parameter must have one in all processes or in none."""
        if self.size == 1:
            return
        gradients = [p.grad for p in modules.parameters() if p.grad is not None]
        whole = torch.cat([g.reshape(-1) for g in gradients])
        distributed.all_reduce(whole)
        whole /= self.size
        for gradient, part in zip(gradients, whole.split([g.numel() for g in gradients])):
            gradient.copy_(part.view(gradient.shape))


def run_team(size: int, meeting: Path, work: Callable[[Team], None]) -> None:
    """Call ``work``, which must be importable by name, in ``size`` processes and wait for all; one alone needs none.

    Parameters
    ----------
    size : int
    meeting : Path
        A file that is not there: the processes find each other by it. They speak over the loopback interface.

    Raises
    ------
    RuntimeError
        If one of them fails, with what it said; the others are stopped.
    """
    if size == 1:
        work(Team())
        return
    cause = _cause_at(meeting)
    for path in (meeting, cause):
        path.unlink(missing_ok=True)
    try:
        multiprocessing.spawn(_member, (size, meeting, work, os.getpid()), nprocs=size)
    except (multiprocessing.ProcessRaisedException, multiprocessing.ProcessExitedException) as failure:
        said = cause.read_text(encoding="utf-8") if cause.exists() else str(failure)
        cause.unlink(missing_ok=True)
        raise RuntimeError(said) from failure


def _member(rank: int, size: int, meeting: Path, work: Callable[[Team], None], parent: int) -> None:
    # Left alone by a parent that was killed, they would go on, and write the same files as the run that takes over.
    leave_with(parent)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    try:
        distributed.init_process_group("gloo", init_method=meeting.absolute().as_uri(), rank=rank, world_size=size)
        work(Team(rank, size))
    except Exception:
        # Kept before anything is closed: a closed connection makes the others fail too, and they may be seen to end first.
        with suppress(FileExistsError), _cause_at(meeting).open("x", encoding="utf-8") as file:
            file.write(traceback.format_exc())
        raise
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()


def _cause_at(meeting: Path) -> Path:
    """Where the first member to fail leaves its traceback."""
    return meeting.with_name(f"{meeting.name}.failed")
