"""A training run as it is seen: a bar, a log of losses, and the learning curves at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from facelib.training.curves import draw_curves
from facelib.training.loop import Schedule, Step


def follow(steps: Iterable[Step], schedule: Schedule, work: Path) -> None:
    """Run all steps; ``work`` gets ``losses.jsonl``, added to where there is one, and ``losses.png``."""
    log = work / "losses.jsonl"
    with log.open("a", encoding="utf-8") as lines, tqdm(total=schedule.steps) as bar:
        for step in steps:
            if not bar.n:
                # What an earlier run did tells nothing of this one's pace.
                bar.initial = bar.n = bar.last_print_n = step.number - 1
            bar.update()
            bar.set_postfix({name: f"{value:.3f}" for name, value in step.losses.items()}, refresh=False)
            lines.write(json.dumps({"step": step.number, "rate": step.rate, **step.losses}) + "\n")
            if step.number % schedule.checkpoint == 0:
                lines.flush()
    draw_curves(log, work / "losses.png")
