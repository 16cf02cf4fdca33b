"""Wall-clock time, CPU time and peak memory of a piece of work, and how they grow with its size."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")


@dataclass(frozen=True)
class Cost:
    """What a piece of work cost.

    Attributes
    ----------
    wall, cpu : float
        Seconds.
    peak_memory : int
        Bytes: the most this process has used since it started, not only during the work.
    """

    wall: float
    cpu: float
    peak_memory: int


def measure(work: Callable[[], Result]) -> tuple[Result, Cost]:
    """Do the work; return its result and its cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return result, Cost(wall, cpu, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def growth_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The b of the power law cost = a * size ** b that fits best, by least squares of the logarithms; two sizes or more."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])
