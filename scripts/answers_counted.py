"""How many faces a stage answers: the benchmarks of assigning count them from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from facelib.recognition.identify import Answers
from facelib.stages import assign


@contextmanager
def answers_counted() -> Iterator[list[int]]:
    """Inside, the list gets the number of faces of every call."""
    counts: list[int] = []
    original = assign.assign

    def counted(faces: np.ndarray, *rest: Any) -> Answers:
        counts.append(len(faces))
        return original(faces, *rest)

    setattr(assign, "assign", counted)  # noqa: B010
    try:
        yield counts
    finally:
        setattr(assign, "assign", original)  # noqa: B010
