"""Training of ``facelib-body``."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from facelib.training.augment import Augmentation
from facelib.training.bodies_dataset import SIDE, read_bodies
from facelib.training.body_task import Batch, BodyTask
from facelib.training.export import export_weights
from facelib.training.loop import Schedule, train
from facelib.vision.device import choose
from training_runs.progress import show_progress


def draw_views(task: BodyTask, path: Path, seed: int, count: int = 96) -> None:
    """Write a picture of pairs of views, the second below the first."""
    first, second, _ = task.view_pairs(SIDE, 1.0, torch.Generator().manual_seed(seed))
    pairs = torch.cat([first[:count], second[:count]], dim=2).add(1).mul(127.5).byte().permute(0, 2, 3, 1).numpy()
    rows = [np.concatenate(list(pairs[k : k + 16]), axis=1) for k in range(0, len(pairs) // 16 * 16, 16)]
    Image.fromarray(np.concatenate(rows)).save(path)


def run(options: argparse.Namespace) -> None:
    """Train from the last checkpoint on and write the weights."""
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    if options.threads:
        torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)

    bodies = read_bodies(options.data / "upper-bodies.zip")
    batch, augmentation = Batch(**config["batch"]), Augmentation(**config["augmentation"])
    task = BodyTask(bodies, batch, augmentation, config["temperature"], config["seed"])
    draw_views(task, options.work / "views.png", config["seed"])
    schedule = Schedule(**config["schedule"] | ({"steps": options.steps} if options.steps else {}))
    steps = train(task, schedule, options.work / "body.checkpoint", config["seed"], choose(options.device))
    show_progress(steps, schedule, options.work)
    print(export_weights(task.modules["net"], options.out or options.work / "facelib-body.safetensors"))
