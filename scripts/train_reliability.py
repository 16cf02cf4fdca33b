"""Train the two branches of facelib-face on the trained network's features, calibrate them, and write all as one file.

    python scripts/train_reliability.py --data FOLDER --work FOLDER [--out FILE]

WORK is the folder of scripts/train_face.py; its checkpoint's averaged weights are used, finished or not. Trained on faces of
faces-unlabelled and garments of upper-bodies; judged on the faces and garments held out (index and place ending in 7): area
under the ROC curve, the part of the negatives that goes with 1 % of the true faces, and for the trust in a vector a
reliability diagram, WORK/reliability.png. Presence, which judges faces for every embedder, is shifted so that 0.5 costs
one in 100 of the held-out faces as poor photos show them.
"""

from __future__ import annotations

import argparse
import io
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from facelib.model_zoo import registry
from facelib.model_zoo.alignment import REID_128, scaled
from facelib.records import Picture
from facelib.thresholds import Thresholds
from facelib.training.curves import draw_reliability
from facelib.training.face_task import Locality, crop_matrix, read_faces
from facelib.training.faces_dataset import HELD_OUT, read_table
from facelib.training.loop import Schedule, averaged_net, train
from facelib.training.release import release
from facelib.training.reliability_task import (
    Judged,
    ReliabilityTask,
    calibrate,
    find_presence,
    judge_faces,
    judge_others,
    random_crops,
)
from facelib.vision.crops import face_chips
from facelib.vision.faces import find_faces
from facelib.vision.loader import load_face_detector
from facelib.vision.zoo.facelib_face import Branch, FacelibFace

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = scaled(REID_128, 112 / 128)
# Strangers' vectors of the teacher lie nearer than this once in 10,000 pairs.
CUT = registry.card("face-reid-0095").far_distances[1e-4]
LOST = 0.01


def garments(archive: Path) -> np.ndarray:
    """All garment photos: ndarray of shape (n, 96, 96, 3), uint8."""
    with zipfile.ZipFile(archive) as source:
        names = sorted(name for name in source.namelist() if name.startswith("garment/") and not name.endswith("/"))
        return np.stack([np.asarray(Image.open(io.BytesIO(source.read(name))).convert("RGB").resize((96, 96))) for name in names])


def false_detections(pictures: np.ndarray, least: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """What MTCNN takes for faces in garment photos, four times enlarged: crops of shape (n, 112, 112, 3) and their scores."""
    detector = load_face_detector("mtcnn", "cpu")
    thresholds = Thresholds().override({"face_score": least, "min_face": 0.05})
    chips, scores = [np.zeros((0, 112, 112, 3), np.uint8)], []
    for picture in pictures:
        pixels = np.asarray(Image.fromarray(picture).resize((384, 384), Image.Resampling.BILINEAR))
        for face in find_faces(detector, Picture(pixels, 384, 384), thresholds):
            chips.append(face_chips(pixels, face.landmarks[None], TEMPLATE, (112, 112)))
            scores.append(face.score)
    return np.concatenate(chips), np.array(scores)


def roc_area(odds: np.ndarray, right: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a right one ranks above another (Hanley and McNeil 1982)."""
    order = np.argsort(odds, kind="stable")
    rank = np.empty(len(odds))
    rank[order] = np.arange(1, len(odds) + 1)
    good = right > 0.5
    return float((rank[good].sum() - good.sum() * (good.sum() + 1) / 2) / (good.sum() * (~good).sum()))


def odds_of(branch: Branch, judged: Judged) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(branch(torch.from_numpy(judged.features))[:, 0].numpy())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="safetensors to write (default: WORK/facelib-face.safetensors)")
    parser.add_argument("--faces", type=int, default=16000, help="faces to train on")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    net = FacelibFace()
    steps = averaged_net(net, options.work / "face.checkpoint")
    net.eval()
    table = read_table(options.data / "faces-unlabelled.csv")
    teacher = options.data / "faces-unlabelled-teacher.npz"
    config = tomllib.loads((ROOT / "configs" / "train-face.toml").read_text(encoding="utf-8"))
    faces = read_faces(options.work, teacher, table, 0.9, 0.9, [], Locality(**config["teacher"]["locality"]))
    held = np.flatnonzero(~table.trained & (table.score >= 0.9))
    shown = np.sort(np.random.default_rng(0).permutation(faces.every)[: options.faces])
    clothes = garments(options.data / "upper-bodies.zip")
    clothes_held = np.arange(len(clothes)) % 10 == HELD_OUT
    place = options.work / "false-detections.npz"
    if not place.exists():
        found = [false_detections(clothes[part]) for part in (~clothes_held, clothes_held)]
        np.savez(place, train=found[0][0], train_score=found[0][1], test=found[1][0], test_score=found[1][1])
    with np.load(place) as stored:
        false_train, false_test, score_test = stored["train"], stored["test"], stored["test_score"]

    matrix = crop_matrix(TEMPLATE)

    def trust(rows: np.ndarray, pictures: np.ndarray, false: np.ndarray, seed: int) -> Judged:
        random = torch.Generator().manual_seed(seed)
        seen = judge_faces(net, faces.pictures[rows], faces.embeddings[rows], matrix, CUT, random)
        return Judged.of([seen, judge_others(net, np.concatenate([random_crops(pictures, len(rows) // 6, random), false]))])

    def presence(rows: np.ndarray, pictures: np.ndarray, false: np.ndarray, seed: int) -> Judged:
        random = torch.Generator().manual_seed(seed)
        others = np.concatenate([random_crops(pictures, len(rows) // 2, random), *[false] * 6])
        parts = [find_presence(net, faces.pictures[some], matrix, whole, random) for some, whole in ((rows, True), (rows[::8], False))]
        return Judged.of([*parts, judge_others(net, others, random)])

    chosen = (shown, clothes[~clothes_held], false_train, 1), (held, clothes[clothes_held], false_test, 2)
    print(f"after {steps} steps of the network; {len(shown)} faces trained on, {len(held)} held out")
    false = judge_others(net, false_test)
    branches = []
    for name, seen in (("trust in the vector", trust), ("presence of a face", presence)):
        training, testing = (seen(*part) for part in chosen)
        branch = fit(training, options.work / "reliability.checkpoint")
        half = np.arange(len(testing.right)) % 2 == 0
        calibrate(branch, Judged(testing.features[half], testing.right[half]))
        test = Judged(testing.features[~half], testing.right[~half])
        report(name, odds_of(branch, test), test.right, odds_of(branch, false), score_test)
        branches.append(branch)
        if seen is trust:
            draw_reliability(1 / (1 + np.exp(-odds_of(branch, test))), test.right, options.work / "reliability.png")
        else:
            shift(branch, -float(np.quantile(odds_of(branch, testing)[testing.right > 0.5], LOST)))
    net.trust, net.presence = branches
    print(release(net, options.out or options.work / "facelib-face.safetensors"))


def report(name: str, odds: np.ndarray, right: np.ndarray, false: np.ndarray, score: np.ndarray) -> None:
    """What a branch does on held-out views, and to MTCNN's false detections of these scores."""
    cut = float(np.quantile(odds[right > 0.5], 0.01))
    shipped = score >= registry.card("mtcnn").thresholds["face_score"]
    gone = [f"{int((false[part] < cut).sum())} of {int(part.sum())}" for part in (shipped, score > 0)]
    print(f"{name}: area under the ROC curve on {len(odds)} held-out views {roc_area(odds, right):.4f}")
    print(f"  negatives gone at 1 % of true faces: {np.mean(odds[right < 0.5] < cut):.3f}; of MTCNN's detections on held-out garments")
    print(f"  {gone[0]} at its threshold, {gone[1]} from a score of 0.5 on")


def shift(branch: Branch, by: float) -> None:
    with torch.no_grad():
        branch.odds.bias.add_(by)


def fit(judged: Judged, checkpoint: Path) -> Branch:
    checkpoint.unlink(missing_ok=True)
    task = ReliabilityTask(judged)
    for _ in train(task, Schedule(steps=1500, rate=2e-3, weight_decay=0.01, average=0.99, checkpoint=1500), checkpoint, 1):
        pass
    branch = task.modules["net"]
    assert isinstance(branch, Branch)
    return branch


if __name__ == "__main__":
    main()
