"""How many faces the stage ``assign`` identifies, counted without a change to the stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from facelib.recognition.answers import Answers
from facelib.recognition.identify import identify
from facelib.stages import assign


@contextmanager
def count_answers() -> Iterator[list[int]]:
    """A list to which, inside the block, each call of ``identify`` appends its number of faces."""
    counts: list[int] = []
    original = identify

    def counted(faces: np.ndarray, *rest: Any) -> Answers:
        counts.append(len(faces))
        return original(faces, *rest)

    setattr(assign, "identify", counted)  # noqa: B010
    try:
        yield counts
    finally:
        setattr(assign, "identify", original)  # noqa: B010
