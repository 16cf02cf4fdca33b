"""Train facelib-face: unpack the faces, let the teacher look at them, train from the last checkpoint on, write the weights.

    python scripts/train_face.py --data FOLDER --weights FOLDER --work FOLDER [--config configs/train-face.toml] [--out FILE]
                                 [--processes 2] [--start CHECKPOINT]

DATA holds faces-unlabelled.zip, .csv and -teacher.npz; WEIGHTS the teacher's files; WORK gets unpacked faces, hints, the
checkpoint, a log of losses and the learning curves. Run it again after an interruption. With --processes, as many train
together, each on a batch of its own with --threads threads; with --start, a run begins with the averaged weights of
another run's checkpoint.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

import torch
from training_bar import follow, options_of

from facelib.model_zoo import registry
from facelib.model_zoo.alignment import scaled
from facelib.training.augment import Augmentation
from facelib.training.distributed import Team, run_team
from facelib.training.face_task import FaceTask, Locality, Weights, read_faces
from facelib.training.faces_dataset import read_table, unpack_faces
from facelib.training.hints import Hint, make_hints
from facelib.training.loop import Schedule, averaged_net, train
from facelib.training.release import release
from facelib.vision.device import choose
from facelib.vision.zoo.facelib_face import FacelibFace

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = options_of(__doc__.splitlines()[0], "facelib-face", ROOT / "configs" / "train-face.toml")
    parser.add_argument("--weights", type=Path, required=True, help="folder with the teacher's files")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--start", type=Path, help="checkpoint of another run to begin with")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    prepare(options)
    run_team(options.processes, options.work / "meeting", partial(train_together, options))


def configuration(options: argparse.Namespace) -> tuple[dict[str, Any], registry.ModelCard, list[Hint]]:
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    return config, registry.card(config["teacher"]["card"]), [Hint(*hint) for hint in config["teacher"]["hints"]]


def prepare(options: argparse.Namespace) -> None:
    """What is made only once."""
    _, teacher, hints = configuration(options)
    index = read_table(options.data / "faces-unlabelled.csv").index
    pictures = unpack_faces(options.data / "faces-unlabelled.zip", index, options.work / "faces.npy")
    make_hints(teacher, options.weights / teacher.files["network"].name, pictures, hints, options.work)


def train_together(options: argparse.Namespace, team: Team) -> None:
    config, teacher, hints = configuration(options)
    torch.set_num_threads(options.threads)
    table = read_table(options.data / "faces-unlabelled.csv")
    embeddings = options.data / "faces-unlabelled-teacher.npz"
    limits, locality = (config["least_score"], config["clean_score"]), Locality(**config["teacher"]["locality"])
    faces = read_faces(options.work, embeddings, table, *limits, [hint.side for hint in hints], locality, config["children"])
    begun = None
    if options.start:
        averaged_net(begun := FacelibFace(), options.start)

    template = scaled(teacher.template or (), 112 / teacher.input_size[0])
    weights, kinds = Weights(**config["weights"]), Augmentation(**config["augmentation"])
    task = FaceTask(faces, template, weights, kinds, config["batch"], config["clean_until"], net=begun, seed=config["seed"])
    schedule = Schedule(**config["schedule"] | ({"steps": options.steps} if options.steps else {}))
    steps = train(task, schedule, options.work / "face.checkpoint", config["seed"], choose(options.device), team)
    if team.rank:
        deque(steps, maxlen=0)
        return
    follow(steps, schedule, options.work)
    net = task.modules["net"]
    assert isinstance(net, FacelibFace)
    print(release(net, options.out or options.work / "facelib-face.safetensors"))


if __name__ == "__main__":
    main()
