"""True faces a judge doubts: by race, gender and age of FairFace faces held out of training, and of the people of each development set."""

from __future__ import annotations

import numpy as np
from development_sets import fairface, labelled_sets
from development_sets.labelled_sets import SUBJECT, subjects

from facelib.evaluation.bootstrap import replicates
from facelib.records import Face, Picture
from facelib.training.faces_dataset import SIDE
from facelib.vision.loader import load_face_judge
from facelib.vision.protocols import FaceJudge
from reports.fairness import by_group
from reports.request import Figures, Request, table

HALF = 0.5


def run(request: Request, name: str) -> Figures:
    """The parts of the faces that a judge gives less than one half."""
    judge = load_face_judge(name, "cpu", 1)
    held, _ = fairface.table(request.data)
    photos = [Picture(pixels, SIDE, SIDE) for pixels in fairface.pictures(request.data, held.index)]
    doubted = np.array([_doubts(judge, photo, fairface.LANDMARKS) for photo in photos])
    found = by_group(doubted, held, replicates(len(held), request.seed))
    return found | {"sets": {each: _of_set(request, judge, each) for each in SUBJECT}}


def _of_set(request: Request, judge: FaceJudge, name: str) -> float:
    seen = subjects(request.data, name, request.detector, request.cache)
    rows = np.flatnonzero(seen.seen)
    photos = labelled_sets.pictures(request.data / f"{name}.zip", seen.files[rows].tolist())
    return float(np.mean([picture is not None and _doubts(judge, picture, seen.landmarks[row]) for row, picture in zip(rows, photos)]))


def _doubts(judge: FaceJudge, picture: Picture, landmarks: np.ndarray) -> bool:
    (judged,) = judge.judge(picture, [Face((0.0, 0.0, 1.0, 1.0), 1.0, landmarks, 1.0)])
    return judged.reliability < HALF


def show(found: dict[str, Figures]) -> None:
    table("true faces doubted", found, [("FairFace, held out", "overall/value"), *((each, f"sets/{each}") for each in SUBJECT)])
    for cut in ("race", "gender", "age"):
        groups = next(iter(found.values()))[cut]
        table(f"true faces doubted, by {cut}", found, [(name, f"{cut}/{name}/value") for name in groups])
