"""Worker processes: order is kept, and a photo that crashes, hangs or fails costs itself alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facelib.errors import InputError, PhotoError
from facelib.look import Look
from facelib.model_zoo import registry
from facelib.stages import worker_pool
from facelib.stages.setup import Setup
from facelib.stages.worker import Job
from facelib.thresholds import Thresholds

SETUP = Setup(dict(registry.DEFAULTS), Thresholds())


def obey(job: Job) -> Look:
    """Run in a worker: do what the path says."""
    order, _, rest = job.path.partition(":")
    if order == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if order == "hang":
        time.sleep(60)
    if order == "slow":
        time.sleep(0.3)
    if order == "hopeless":
        raise InputError("no such device")
    if order == "bad":
        return Look(error=PhotoError("unreadable", "bad"))
    return Look(width=int(rest or 0))


def answers(*orders: str, workers: int = 2, timeout: float = 20.0) -> list[tuple[int, str]]:
    jobs = ((place, Job(order, "", ("detect",))) for place, order in enumerate(orders))
    done = worker_pool.work(SETUP, jobs, workers, timeout, obey)
    return [(key, seen.error.kind if seen.error else str(seen.width)) for key, seen in done]


def test_answers_come_in_the_order_of_the_jobs() -> None:
    assert answers("slow:1", "see:2", "slow:3", "see:4", "see:5") == [(0, "1"), (1, "2"), (2, "3"), (3, "4"), (4, "5")]


def test_a_crash_costs_one_photo() -> None:
    assert answers("see:1", "die:", "see:3", "die:", "see:5", "bad:") == [
        (0, "1"),
        (1, "crashed"),
        (2, "3"),
        (3, "crashed"),
        (4, "5"),
        (5, "unreadable"),
    ]


def test_a_photo_that_hangs_is_given_up() -> None:
    assert answers("hang:", "see:2", timeout=3.0) == [(0, "timeout"), (1, "2")]


def test_what_would_fail_for_every_photo_ends_the_run() -> None:
    with pytest.raises(InputError, match="no such device"):
        answers("see:1", "hopeless:", "see:3")


@pytest.mark.slow
def test_workers_leave_with_a_main_process_that_is_killed(tmp_path: Path) -> None:
    """No orphan goes on computing after ``kill -9``."""
    marker = f"orphan-{os.getpid()}"
    script = (
        "from tests.stages.test_worker_pool import *\n"
        f"list(worker_pool.work(SETUP, [(0, Job('hang:{marker}', '', ()))], 1, 100.0, obey))\n"
    )
    (tmp_path / "run.py").write_text("if __name__ == '__main__':\n" + "".join(f"    {line}\n" for line in script.splitlines()))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen([sys.executable, str(tmp_path / "run.py")], env=environment, start_new_session=True)
    for _ in range(200):
        time.sleep(0.1)
        if len(_session(process.pid)) >= 3:
            break
    time.sleep(1.0)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(100):
        left = _session(process.pid)
        if not left:
            return
        time.sleep(0.1)
    pytest.fail(f"left behind: {left}")


def _session(leader: int) -> list[int]:
    """Processes of the session of ``leader`` that live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] not in "ZX":
            found.append(int(folder.name))
    return found
