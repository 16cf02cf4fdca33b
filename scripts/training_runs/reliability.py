"""Training of the two branches of ``facelib-face``: trust in a vector, and presence of a face."""

from __future__ import annotations

import argparse
import io
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from facelib.log_odds import probability
from facelib.model_zoo import registry
from facelib.model_zoo.alignment import REID_128, scaled
from facelib.records import Picture
from facelib.thresholds import Thresholds
from facelib.training.export import export_weights
from facelib.training.face_task import Locality, crop_matrix, read_faces
from facelib.training.faces_dataset import HELD_OUT, read_table
from facelib.training.loop import Schedule, load_averaged_weights, train
from facelib.training.plots import plot_reliability_diagram
from facelib.training.reliability_task import (
    Examples,
    ReliabilityTask,
    calibrate,
    examples_without_face,
    presence_of_faces,
    random_crops,
    trust_of_faces,
)
from facelib.vision.crops import face_chips
from facelib.vision.faces import find_faces
from facelib.vision.loader import load_face_detector
from facelib.vision.zoo.facelib_face import Branch, FacelibFace
from training_runs.options import CONFIGS

TEMPLATE = scaled(REID_128, 112 / 128)
# One in 10,000 pairs of strangers is nearer than this to each other by the teacher.
THRESHOLD = registry.card("face-reid-0095").far_distances[1e-4]
LOST = 0.01
"""Share of the true faces, as poor photos show them, that a presence of 0.5 may cost."""


def garments(archive: Path) -> np.ndarray:
    """All garment photos: ndarray of shape (n, 96, 96, 3), uint8."""
    with zipfile.ZipFile(archive) as source:
        names = sorted(name for name in source.namelist() if name.startswith("garment/") and not name.endswith("/"))
        return np.stack([np.asarray(Image.open(io.BytesIO(source.read(name))).convert("RGB").resize((96, 96))) for name in names])


def false_detections(pictures: np.ndarray, least: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """MTCNN's false detections in garment photos enlarged four times: crops of shape (n, 112, 112, 3) and their scores."""
    detector = load_face_detector("mtcnn", "cpu")
    thresholds = Thresholds().override({"face_score": least, "min_face": 0.05})
    chips, scores = [np.zeros((0, 112, 112, 3), np.uint8)], []
    for picture in pictures:
        pixels = np.asarray(Image.fromarray(picture).resize((384, 384), Image.Resampling.BILINEAR))
        for face in find_faces(detector, Picture(pixels, 384, 384), thresholds):
            chips.append(face_chips(pixels, face.landmarks[None], TEMPLATE, (112, 112)))
            scores.append(face.score)
    return np.concatenate(chips), np.array(scores)


def roc_area(odds: np.ndarray, target: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a positive ranks above a negative (Hanley and McNeil 1982)."""
    order = np.argsort(odds, kind="stable")
    rank = np.empty(len(odds))
    rank[order] = np.arange(1, len(odds) + 1)
    good = target > 0.5
    return float((rank[good].sum() - good.sum() * (good.sum() + 1) / 2) / (good.sum() * (~good).sum()))


def odds_of(branch: Branch, examples: Examples) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(branch(torch.from_numpy(examples.features))[:, 0].numpy())


def run(options: argparse.Namespace) -> None:
    """Train both branches on the features of the trained network, calibrate them, and write all as one file."""
    if options.threads:
        torch.set_num_threads(options.threads)

    net = FacelibFace()
    steps = load_averaged_weights(net, options.work / "face.checkpoint")
    net.eval()
    table = read_table(options.data / "faces-unlabelled.csv")
    teacher = options.data / "faces-unlabelled-teacher.npz"
    config = tomllib.loads((CONFIGS / "train-face.toml").read_text(encoding="utf-8"))
    faces = read_faces(options.work, teacher, table, 0.9, 0.9, [], Locality(**config["teacher"]["locality"]))
    held = np.flatnonzero(~table.trained & (table.score >= 0.9))
    shown = np.sort(np.random.default_rng(0).permutation(faces.every)[: options.faces])
    clothes = garments(options.data / "upper-bodies.zip")
    clothes_held = np.arange(len(clothes)) % 10 == HELD_OUT
    stored_crops = options.work / "false-detections.npz"
    if not stored_crops.exists():
        found = [false_detections(clothes[part]) for part in (~clothes_held, clothes_held)]
        np.savez(stored_crops, train=found[0][0], train_score=found[0][1], test=found[1][0], test_score=found[1][1])
    with np.load(stored_crops) as stored:
        false_train, false_test, score_test = stored["train"], stored["test"], stored["test_score"]

    matrix = crop_matrix(TEMPLATE)

    def trust(rows: np.ndarray, pictures: np.ndarray, false: np.ndarray, seed: int) -> Examples:
        random = torch.Generator().manual_seed(seed)
        seen = trust_of_faces(net, faces.pictures[rows], faces.embeddings[rows], matrix, THRESHOLD, random)
        return Examples.join([seen, examples_without_face(net, np.concatenate([random_crops(pictures, len(rows) // 6, random), false]))])

    def presence(rows: np.ndarray, pictures: np.ndarray, false: np.ndarray, seed: int) -> Examples:
        random = torch.Generator().manual_seed(seed)
        others = np.concatenate([random_crops(pictures, len(rows) // 2, random), *[false] * 6])
        parts = [presence_of_faces(net, faces.pictures[some], matrix, whole, random) for some, whole in ((rows, True), (rows[::8], False))]
        return Examples.join([*parts, examples_without_face(net, others, random)])

    chosen = (shown, clothes[~clothes_held], false_train, 1), (held, clothes[clothes_held], false_test, 2)
    print(f"after {steps} steps of the network; {len(shown)} faces trained on, {len(held)} held out")
    false = examples_without_face(net, false_test)
    branches = []
    for name, seen in (("trust in the vector", trust), ("presence of a face", presence)):
        training, testing = (seen(*part) for part in chosen)
        branch = fit(training, options.work / "reliability.checkpoint")
        half = np.arange(len(testing.target)) % 2 == 0
        calibrate(branch, Examples(testing.features[half], testing.target[half]))
        test = Examples(testing.features[~half], testing.target[~half])
        report(name, odds_of(branch, test), test.target, odds_of(branch, false), score_test)
        branches.append(branch)
        if seen is trust:
            plot_reliability_diagram(probability(odds_of(branch, test)), test.target, options.work / "reliability.png")
        else:
            shift(branch, -float(np.quantile(odds_of(branch, testing)[testing.target > 0.5], LOST)))
    net.trust, net.presence = branches
    print(export_weights(net, options.out or options.work / "facelib-face.safetensors"))


def report(name: str, odds: np.ndarray, target: np.ndarray, false: np.ndarray, score: np.ndarray) -> None:
    """Print how well a branch separates held-out views, and how many of MTCNN's false detections with these scores it rejects."""
    cut = float(np.quantile(odds[target > 0.5], 0.01))
    shipped = score >= registry.card("mtcnn").thresholds["face_score"]
    gone = [f"{int((false[part] < cut).sum())} of {int(part.sum())}" for part in (shipped, score > 0)]
    print(f"{name}: area under the ROC curve on {len(odds)} held-out views {roc_area(odds, target):.4f}")
    print(f"  negatives gone at 1 % of true faces: {np.mean(odds[target < 0.5] < cut):.3f}; of MTCNN's detections on held-out garments")
    print(f"  {gone[0]} at its threshold, {gone[1]} from a score of 0.5 on")


def shift(branch: Branch, by: float) -> None:
    with torch.no_grad():
        branch.odds.bias.add_(by)


def fit(examples: Examples, checkpoint: Path) -> Branch:
    checkpoint.unlink(missing_ok=True)
    task = ReliabilityTask(examples)
    for _ in train(task, Schedule(steps=1500, learning_rate=2e-3, weight_decay=0.01, ema_decay=0.99, checkpoint_every=1500), checkpoint, 1):
        pass
    branch = task.modules["net"]
    assert isinstance(branch, Branch)
    return branch
