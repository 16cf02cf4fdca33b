"""How much each loss of ``facelib-face`` helps: the same network trained on with different losses."""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from development_sets.labelled_sets import pictures, subjects

from facelib.evaluation.open_set import halves
from facelib.evaluation.pairs import tar_at_far
from facelib.model_zoo.alignment import ARCFACE_112, REID_128, scaled
from facelib.training.augment import Augmentation
from facelib.training.face_task import Faces, FaceTask, Locality, LossWeights, NamedFaces, read_faces
from facelib.training.faces_dataset import SIDE, read_table
from facelib.training.loop import Schedule, load_averaged_weights, train
from facelib.vision.centering import unit_rows
from facelib.vision.crops import face_chips
from facelib.vision.zoo.facelib_face import FacelibFace
from training_runs.options import CONFIGS

TEMPLATE = scaled(REID_128, 112 / 128)
SETS = ("lfw-devtest", "families-dev", "celebrities-dev")
VARIANTS = {
    "distillation alone": {},
    "and contrastive": {"contrastive": 0.5},
    "and margin-mining softmax": {"margin_softmax": 0.05},
}
FAR = 1e-3


def aligned(data: Path, name: str, cache: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The faces of a labelled set, aligned as in the training data and as the network reads them, and the folder of each."""
    found = subjects(data, name, "mtcnn", cache)
    rows = np.flatnonzero(found.seen)
    wide, near = [], []
    for row, picture in zip(rows, pictures(data / f"{name}.zip", found.files[rows].tolist()), strict=True):
        assert picture is not None
        points = (found.landmarks[row] / np.array(picture.scale))[None]
        wide.append(face_chips(picture.pixels, points, scaled(ARCFACE_112, SIDE / 112), (SIDE, SIDE))[0])
        near.append(face_chips(picture.pixels, points, TEMPLATE, (112, 112))[0])
    labels = np.array([f"{name}/{Path(file).parent}" for file in found.files[rows].tolist()])
    return np.stack(wide), np.stack(near), labels


def embedded(net: FacelibFace, chips: np.ndarray) -> np.ndarray:
    rows = []
    with torch.inference_mode():
        for start in range(0, len(chips), 64):
            pixels = torch.from_numpy(np.ascontiguousarray(chips[start : start + 64])).permute(0, 3, 1, 2)
            rows.append(net((pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)).numpy())
    return unit_rows(np.concatenate(rows))


def true_accepts(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Over all pairs of a set."""
    upper = np.triu_indices(len(vectors), 1)
    return tar_at_far((1 - vectors @ vectors.T)[upper], (labels[:, None] == labels)[upper], FAR)[0]


def run(options: argparse.Namespace) -> None:
    """Train every variant and print the true accept rates of each."""
    if options.threads:
        torch.set_num_threads(options.threads)
    config = tomllib.loads((CONFIGS / "train-face.toml").read_text(encoding="utf-8"))

    table = read_table(options.data / "faces-unlabelled.csv")
    teacher = options.data / "faces-unlabelled-teacher.npz"
    locality = Locality(**config["teacher"]["locality"])
    faces = read_faces(options.work, teacher, table, config["least_score"], config["clean_score"], [], locality, config["children"])
    sets = {name: aligned(options.data, name, options.cache) for name in SETS}
    trained_on = {}
    for name in SETS[:2]:
        labels = sets[name][2]
        families = np.array([label.rsplit("/", 1)[0] for label in labels]) if name == "families-dev" else labels
        trained_on[name] = halves(families)
    trained_on[SETS[2]] = np.zeros(len(sets[SETS[2]][2]), dtype=bool)
    shown = [np.concatenate([parts[k][trained_on[name]] for name, parts in sets.items()]) for k in (0, 2)]
    named = NamedFaces.of(shown[0], shown[1])
    start = FacelibFace()
    steps = load_averaged_weights(start, options.work / "face.checkpoint")
    print(f"from step {steps}, {options.steps} steps each; {len(named.person)} faces of {len(named.rows_of)} people have names")

    def measure(net: FacelibFace) -> dict[str, float]:
        net.eval()
        test = {name: (parts[1][~trained_on[name]], parts[2][~trained_on[name]]) for name, parts in sets.items()}
        return {name: round(true_accepts(embedded(net, chips), labels), 4) for name, (chips, labels) in test.items()}

    results = {"before": measure(copy.deepcopy(start))}
    for title, extra in VARIANTS.items():
        results[title] = measure(_train_variant(faces, named, start, config, extra, options))
    for title, rates in results.items():
        print(f"{title:<28}", "  ".join(f"{name} {rate:.3f}" for name, rate in rates.items()))
    if options.out:
        options.out.write_text(json.dumps({"from_step": steps, "steps": options.steps, "tar_at_far_1e-3": results}, indent=1) + "\n")


def _train_variant(
    faces: Faces, named: NamedFaces, start: FacelibFace, config: dict, extra: dict[str, float], options: argparse.Namespace
) -> FacelibFace:
    weights = replace(LossWeights(**config["weights"]), hint=0.0, **extra)
    augmentation = Augmentation(**config["augmentation"])
    net = copy.deepcopy(start)
    task = FaceTask(faces, TEMPLATE, weights, augmentation, config["batch"], 0.0, named, net, config["seed"])
    schedule = Schedule(options.steps, options.rate, config["schedule"]["weight_decay"], ema_decay=0.98, checkpoint_every=options.steps)
    with tempfile.TemporaryDirectory() as scratch:
        for _ in train(task, schedule, Path(scratch) / "checkpoint", config["seed"]):
            pass
    return net
