"""What each loss is worth: facelib-face trained on by distillation alone, with the contrastive loss, and with margin-mining softmax.

    python scripts/ablate_face.py --data FOLDER --work FOLDER [--cache FOLDER] [--steps 250] [--out FILE.json]

Every variant goes on from the averaged weights of WORK/face.checkpoint for as many steps, on the same faces in the same order.
People with names are half of those of families-dev (whole families) and of LFW DevTest, by seed 0; the other half and all of
celebrities-dev are only measured on: true accepts where 1 of 1,000 pairs of two people is accepted, over all pairs. These sets
are for research and the weights trained here are thrown away.
"""

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
from labelled_sets import pictures, subjects

from facelib.evaluation.open_set import halves
from facelib.evaluation.pairs import tar_at_far
from facelib.model_zoo.alignment import ARCFACE_112, REID_128, scaled
from facelib.training.augment import Augmentation
from facelib.training.face_task import Faces, FaceTask, Locality, NamedFaces, Weights, read_faces
from facelib.training.faces_dataset import SIDE, read_table
from facelib.training.loop import Schedule, averaged_net, train
from facelib.vision.centering import unit_rows
from facelib.vision.crops import face_chips
from facelib.vision.zoo.facelib_face import FacelibFace

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = scaled(REID_128, 112 / 128)
SETS = ("lfw-devtest", "families-dev", "celebrities-dev")
VARIANTS = {
    "distillation alone": {},
    "and contrastive": {"contrastive": 0.5},
    "and margin-mining softmax": {"margin_softmax": 0.05},
}
FAR = 1e-3


def aligned(data: Path, name: str, cache: Path | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A labelled set: faces as the training data has them, faces as the network reads them, and the folder each lies in."""
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder of scripts/train_face.py")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    config = tomllib.loads((ROOT / "configs" / "train-face.toml").read_text(encoding="utf-8"))

    table = read_table(options.data / "faces-unlabelled.csv")
    teacher = options.data / "faces-unlabelled-teacher.npz"
    locality = Locality(**config["teacher"]["locality"])
    faces = read_faces(options.work, teacher, table, config["least_score"], config["clean_score"], [], locality, config["children"])
    sets = {name: aligned(options.data, name, options.cache) for name in SETS}
    learnt = {}
    for name in SETS[:2]:
        labels = sets[name][2]
        families = np.array([label.rsplit("/", 1)[0] for label in labels]) if name == "families-dev" else labels
        learnt[name] = halves(families)
    learnt[SETS[2]] = np.zeros(len(sets[SETS[2]][2]), dtype=bool)
    shown = [np.concatenate([parts[k][learnt[name]] for name, parts in sets.items()]) for k in (0, 2)]
    named = NamedFaces.of(shown[0], shown[1])
    start = FacelibFace()
    steps = averaged_net(start, options.work / "face.checkpoint")
    print(f"from step {steps}, {options.steps} steps each; {len(named.person)} faces of {len(named.rows_of)} people have names")

    def measure(net: FacelibFace) -> dict[str, float]:
        net.eval()
        held = {name: (parts[1][~learnt[name]], parts[2][~learnt[name]]) for name, parts in sets.items()}
        return {name: round(true_accepts(embedded(net, chips), labels), 4) for name, (chips, labels) in held.items()}

    results = {"before": measure(copy.deepcopy(start))}
    for title, extra in VARIANTS.items():
        results[title] = measure(_trained(faces, named, start, config, extra, options))
    for title, rates in results.items():
        print(f"{title:<28}", "  ".join(f"{name} {rate:.3f}" for name, rate in rates.items()))
    if options.out:
        options.out.write_text(json.dumps({"from_step": steps, "steps": options.steps, "tar_at_far_1e-3": results}, indent=1) + "\n")


def _trained(
    faces: Faces, named: NamedFaces, start: FacelibFace, config: dict, extra: dict[str, float], options: argparse.Namespace
) -> FacelibFace:
    weights = replace(Weights(**config["weights"]), hint=0.0, **extra)
    kinds = Augmentation(**config["augmentation"])
    net = copy.deepcopy(start)
    task = FaceTask(faces, TEMPLATE, weights, kinds, config["batch"], 0.0, named, net, config["seed"])
    schedule = Schedule(options.steps, options.rate, config["schedule"]["weight_decay"], average=0.98, checkpoint=options.steps)
    with tempfile.TemporaryDirectory() as scratch:
        for _ in train(task, schedule, Path(scratch) / "checkpoint", config["seed"]):
            pass
    return net


if __name__ == "__main__":
    main()
