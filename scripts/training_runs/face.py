"""Training of ``facelib-face``."""

from __future__ import annotations

import argparse
import tomllib
from collections import deque
from functools import partial
from typing import Any

import torch

from facelib.model_zoo import registry
from facelib.model_zoo.alignment import scaled
from facelib.training.augment import Augmentation
from facelib.training.distributed import ProcessGroup, run_processes
from facelib.training.export import export_weights
from facelib.training.face_task import FaceTask, Locality, LossWeights, read_faces
from facelib.training.faces_dataset import read_table, unpack_faces
from facelib.training.hints import Hint, write_hints
from facelib.training.loop import Schedule, load_averaged_weights, train
from facelib.vision.device import choose
from facelib.vision.zoo.facelib_face import FacelibFace
from training_runs.progress import show_progress


def run(options: argparse.Namespace) -> None:
    """Unpack the faces, run the teacher on them, then train from the last checkpoint on and write the weights."""
    options.work.mkdir(parents=True, exist_ok=True)
    prepare(options)
    run_processes(options.processes, options.work / "rendezvous", partial(train_in_process, options))


def configuration(options: argparse.Namespace) -> tuple[dict[str, Any], registry.ModelCard, list[Hint]]:
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    return config, registry.card(config["teacher"]["card"]), [Hint(*hint) for hint in config["teacher"]["hints"]]


def prepare(options: argparse.Namespace) -> None:
    """Write the arrays of faces and hints, unless they exist."""
    _, teacher, hints = configuration(options)
    index = read_table(options.data / "faces-unlabelled.csv").index
    pictures = unpack_faces(options.data / "faces-unlabelled.zip", index, options.work / "faces.npy")
    write_hints(teacher, options.weights / teacher.files["network"].name, pictures, hints, options.work)


def train_in_process(options: argparse.Namespace, group: ProcessGroup) -> None:
    """What each of the processes does."""
    config, teacher, hints = configuration(options)
    if options.threads:
        torch.set_num_threads(options.threads)
    table = read_table(options.data / "faces-unlabelled.csv")
    embeddings = options.data / "faces-unlabelled-teacher.npz"
    limits, locality = (config["least_score"], config["clean_score"]), Locality(**config["teacher"]["locality"])
    faces = read_faces(options.work, embeddings, table, *limits, [hint.side for hint in hints], locality, config["children"])
    start = None
    if options.start:
        load_averaged_weights(start := FacelibFace(), options.start)

    template = scaled(teacher.template or (), 112 / teacher.input_size[0])
    weights, augmentation = LossWeights(**config["weights"]), Augmentation(**config["augmentation"])
    task = FaceTask(faces, template, weights, augmentation, config["batch"], config["clean_until"], net=start, seed=config["seed"])
    schedule = Schedule(**config["schedule"] | ({"steps": options.steps} if options.steps else {}))
    steps = train(task, schedule, options.work / "face.checkpoint", config["seed"], choose(options.device), group)
    if group.rank:
        deque(steps, maxlen=0)
        return
    show_progress(steps, schedule, options.work)
    net = task.modules["net"]
    assert isinstance(net, FacelibFace)
    print(export_weights(net, options.out or options.work / "facelib-face.safetensors"))
