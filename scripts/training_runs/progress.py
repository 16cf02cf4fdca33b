"""Progress of a training run: a bar, a log of losses, and the learning curves at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from facelib.training.loop import Schedule, StepResult
from facelib.training.plots import plot_learning_curves


def show_progress(steps: Iterable[StepResult], schedule: Schedule, work: Path) -> None:
    """Run all steps; append to ``losses.jsonl`` in the folder ``work``, and write ``losses.png``."""
    log = work / "losses.jsonl"
    with log.open("a", encoding="utf-8") as lines, tqdm(total=schedule.steps) as bar:
        for step in steps:
            if not bar.n:
                # Steps of an earlier run must not count for the speed of this one.
                bar.initial = bar.n = bar.last_print_n = step.number - 1
            bar.update()
            bar.set_postfix({name: f"{value:.3f}" for name, value in step.losses.items()}, refresh=False)
            lines.write(json.dumps({"step": step.number, "rate": step.learning_rate, **step.losses}) + "\n")
            if step.number % schedule.checkpoint_every == 0:
                lines.flush()
    plot_learning_curves(log, work / "losses.png")
