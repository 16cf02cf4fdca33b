"""A training run as it is seen: its options, a bar, a log of losses, and the learning curves at the end."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import torch
from tqdm import tqdm

from facelib.training.curves import draw_curves
from facelib.training.loop import Schedule, Step


def options_of(what: str, network: str, config: Path) -> argparse.ArgumentParser:
    """The options every training script has."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--data", type=Path, required=True, help="folder with the development sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for all that is made on the way")
    parser.add_argument("--config", type=Path, default=config)
    parser.add_argument("--out", type=Path, help=f"safetensors to write at the end (default: WORK/{network}.safetensors)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps")
    parser.add_argument("--steps", type=int, help="end the run at this many steps instead of the configuration's")
    return parser


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
