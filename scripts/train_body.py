"""Train facelib-body: read the upper bodies, train from the last checkpoint on, write the weights.

    python scripts/train_body.py --data FOLDER --work FOLDER [--config configs/train-body.toml] [--steps 700] [--out FILE]

DATA holds upper-bodies.zip; WORK gets a sheet of the views trained on, the checkpoint, a log of losses and the learning
curves. Run it again after an interruption. The weights that ship were trained in two cycles of the learning rate: with
--steps 700, and then on from that checkpoint without it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from training_bar import follow, options_of

from facelib.training.augment import Augmentation
from facelib.training.bodies_dataset import SIDE, read_bodies
from facelib.training.body_task import Batch, BodyTask
from facelib.training.loop import Schedule, train
from facelib.training.release import release
from facelib.vision.device import choose

ROOT = Path(__file__).resolve().parents[1]


def draw_views(task: BodyTask, place: Path, seed: int, most: int = 96) -> None:
    """A sheet of pairs of views, one above the other."""
    first, second, _ = task.sights(SIDE, 1.0, torch.Generator().manual_seed(seed))
    pairs = torch.cat([first[:most], second[:most]], dim=2).add(1).mul(127.5).byte().permute(0, 2, 3, 1).numpy()
    rows = [np.concatenate(list(pairs[k : k + 16]), axis=1) for k in range(0, len(pairs) // 16 * 16, 16)]
    Image.fromarray(np.concatenate(rows)).save(place)


def main() -> None:
    parser = options_of(__doc__.splitlines()[0], "facelib-body", ROOT / "configs" / "train-body.toml")
    options = parser.parse_args()
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)

    bodies = read_bodies(options.data / "upper-bodies.zip")
    batch, kinds = Batch(**config["batch"]), Augmentation(**config["augmentation"])
    task = BodyTask(bodies, batch, kinds, config["temperature"], config["seed"])
    draw_views(task, options.work / "views.png", config["seed"])
    schedule = Schedule(**config["schedule"] | ({"steps": options.steps} if options.steps else {}))
    steps = train(task, schedule, options.work / "body.checkpoint", config["seed"], choose(options.device))
    follow(steps, schedule, options.work)
    print(release(task.modules["net"], options.out or options.work / "facelib-body.safetensors"))


if __name__ == "__main__":
    main()
