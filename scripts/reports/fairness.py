"""For whom a model errs more: false matches of FairFace by race, gender and age, misses of detectors, and non-matches by gender.

One threshold for all, set where a given part of all pairs of all faces is nearer. Intervals are 95 %, by bootstrap over faces
(people, for non-matches). FairFace names no people; see :mod:`scripts.development_sets.fairface`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping

import numpy as np
from development_sets import fairface
from development_sets.fairface import Table
from development_sets.labelled_sets import labelled

from facelib.evaluation import probe
from facelib.evaluation.bootstrap import replicates
from facelib.evaluation.canvas import on_canvas
from facelib.evaluation.pairs import all_pairs, close_pairs, pair_distances, tar_at_far
from facelib.evaluation.slices import Rate, false_match_rate, false_match_rates, shares, widest_ratio
from facelib.model_zoo import registry
from facelib.records import Face, Picture
from facelib.thresholds import Thresholds
from facelib.training.faces_dataset import SIDE
from facelib.vision.faces import find_faces
from facelib.vision.loader import load_face_detector
from reports.request import Figures, Request, Rows, table, value

RATES = (1e-3, 1e-4)
CANVAS = 256
ASKED_OF_EACH_RACE = 300
SURE = 0.9
"""Least probability of a gender by the probe, mean over the photos of a person, for that person to count."""
PROBED_WITH = "dlib-resnet"
OLDEST = "60 and older"


class Faces:
    """The held-out faces of FairFace without repeats, read once for all embedders."""

    def __init__(self, request: Request) -> None:
        self.request = request
        every, self.poor = fairface.table(request.data)
        self.pixels = fairface.pictures(request.data, every.index)
        self.every = every
        self.keep, self.dropped = fairface.different_people(request.data, every, self.pixels, request.cache)
        self.table = every.take(self.keep)
        self.drawn = replicates(len(self.table), request.seed)

    def vectors(self, embedder: str) -> np.ndarray:
        return fairface.embedded(self.request.data, self.every, self.pixels, embedder, self.request.cache)[self.keep]


def run(faces: Faces, embedder: str) -> Figures:
    """Figures of one embedder."""
    vectors = faces.vectors(embedder)
    distances = pair_distances(vectors)
    found: Figures = {
        "faces": len(faces.table),
        "dropped": {"detector score below 0.8": faces.poor, **faces.dropped},
        "pairs": len(distances),
    }
    for rate in RATES:
        cut = float(np.partition(distances, int(rate * len(distances)))[int(rate * len(distances))])
        close = close_pairs(vectors, cut)
        found[f"at {rate:g}"] = {
            "cut": cut,
            "overall": plain(false_match_rate(close, faces.drawn)),
            **{name: _slice(close, label, faces.drawn) for name, label in slices(faces.table).items()},
        }
    found["non-matches"] = non_matches(faces, embedder)
    return found


def slices(faces: Table) -> dict[str, np.ndarray]:
    """The ways to cut the population: by race, gender, age, and race and gender together."""
    age = np.where(np.isin(faces.age, ["60-69", "more than 70"]), OLDEST, faces.age)
    both = np.array([f"{race}, {gender}" for race, gender in zip(faces.race.tolist(), faces.gender.tolist(), strict=True)])
    return {"race": faces.race, "gender": faces.gender, "age": age, "race and gender": both}


def in_order(rates: Mapping[str, Rate]) -> Figures:
    """Rates as plain figures, the youngest and FairFace's first race first."""
    order = [*fairface.RACES, *fairface.AGES, OLDEST]
    rank = {name: k for k, name in enumerate(order)}
    return {name: plain(rates[name]) for name in sorted(rates, key=lambda name: (rank.get(name.split(", ")[0], -1), name))}


def _slice(close: np.ndarray, label: np.ndarray, drawn: np.ndarray) -> Figures:
    rates = false_match_rates(close, label, drawn)
    ratio = dataclasses.asdict(widest_ratio(close, label, drawn, rates))
    return {"rates": in_order(rates), "widest ratio": {k: _finite(v) for k, v in ratio.items()}}


def plain(rate: Rate) -> Figures:
    return {key: _finite(value) for key, value in dataclasses.asdict(rate).items()}


def _finite(value: float | str) -> float | str | None:
    """JSON knows neither infinity nor what is no number."""
    return value if not isinstance(value, float) or math.isfinite(value) else None


def misses(request: Request, detectors: list[str]) -> Figures:
    """For each detector the part of the faces it does not find, by race, gender and age.

    FairFace's faces are aligned and cut close, so each is set into a larger canvas, its edge repeated and blurred, and the
    detector is asked as the program asks it. All of them were found by another detector before, so these rates are lower than
    in the wild; what counts is their difference between groups. Faces of low score are not left out here.
    """
    every, _ = fairface.table(request.data, 0.0)
    rng = np.random.default_rng(request.seed)
    rows = np.sort(np.concatenate([rng.permutation(np.flatnonzero(every.race == race))[:ASKED_OF_EACH_RACE] for race in fairface.RACES]))
    asked = every.take(rows)
    pixels = fairface.pictures(request.data, asked.index)
    drawn = replicates(len(asked), request.seed)
    found: Figures = {}
    for name in detectors:
        missed = missed_by(name, pixels)
        found[name] = by_group(missed, asked, drawn)
    return found


def by_group(hit: np.ndarray, faces: Table, drawn: np.ndarray) -> Figures:
    """The part of the faces that is hit, shape (n,), bool, by race, gender and age, and of all."""
    unit = np.arange(len(faces))
    found: Figures = {cut: in_order(shares(hit, label, unit, drawn)) for cut, label in slices(faces).items()}
    return found | {"overall": plain(shares(hit, np.full(len(faces), "all"), unit, drawn)["all"])}


def missed_by(name: str, pixels: np.ndarray) -> np.ndarray:
    """Which of these pictures the detector finds no face in, where the face is."""
    detector = load_face_detector(name, "cpu", 1)
    thresholds = Thresholds().override(dict(registry.card(name).thresholds))
    nose = fairface.LANDMARKS[2] + (CANVAS - SIDE) / 2
    missed = np.ones(len(pixels), dtype=bool)
    for row, picture in enumerate(pixels):
        canvas = on_canvas(picture, CANVAS)
        missed[row] = not any(_contains(face, nose) for face in find_faces(detector, Picture(canvas, CANVAS, CANVAS), thresholds))
    return missed


def _contains(face: Face, point: np.ndarray) -> bool:
    x0, y0, x1, y1 = face.box
    return bool(x0 <= point[0] <= x1 and y0 <= point[1] <= y1 and 0.3 <= (y1 - y0) / SIDE <= 1.6)


def non_matches(faces: Faces, embedder: str) -> Figures:
    """The part of the pairs of one person of LFW DevTest that are not matched at a false match rate of 1e-3, by gender.

    LFW has no gender labels. A linear probe estimates it on the vectors of ``dlib-resnet``, fitted on FairFace's adults, mean
    over the photos of each person; people it is not sure of are left out. How often it errs on FairFace is part of the figures.
    """
    request = faces.request
    known = labelled(request.data, "lfw-devtest", request.detector, PROBED_WITH, request.cache)
    # LFW shows adults; whether a child is a boy or a girl would only mislead.
    adult = ~np.isin(faces.table.age, ["0-2", "3-9", "10-19"])
    female = faces.table.gender[adult] == "Female"
    reference = faces.vectors(PROBED_WITH)[adult]
    predicted = probe.cross_validated(reference, female)
    sure = np.maximum(predicted, 1 - predicted) >= SURE
    people = known.person
    count = np.bincount(people)
    of_person = np.bincount(people, weights=probe.fit(reference, female).probability(known.vectors)) / count
    gender = np.where(of_person >= SURE, "Female", np.where(of_person <= 1 - SURE, "Male", ""))
    lfw = labelled(request.data, "lfw-devtest", request.detector, embedder, request.cache)
    first, second = all_pairs(len(lfw.files))
    distances, same = pair_distances(lfw.vectors), people[first] == people[second]
    cut = tar_at_far(distances, same, 1e-3)[1]
    genuine = np.flatnonzero(same & (gender[people[first]] != ""))
    who = people[first[genuine]]
    rates = shares(distances[genuine] >= cut, gender[who], who, replicates(len(count), request.seed))
    paired = count > 1
    return {
        "cut": cut,
        "rates": in_order(rates),
        "probe": {
            "right on FairFace where sure": float(((predicted > 0.5) == female)[sure].mean()),
            "sure on FairFace": float(sure.mean()),
            "people with pairs": int(paired.sum()),
            "of them told": int((paired & (gender != "")).sum()),
        },
    }


def show(of_model: Mapping[str, Figures]) -> None:
    one = next(iter(of_model.values()))
    print(f"\nFairFace, held out: {one['faces']} faces, {one['pairs']:,} pairs; dropped: {one['dropped']}")
    for rate in RATES:
        key = f"at {rate:g}"
        rows: Rows = [("cut (cosine distance)", f"{key}/cut")]
        for cut in ("race", "gender", "age", "race and gender"):
            rows += [(f"{cut}: {name}", _shown(f"{key}/{cut}/rates/{name}")) for name in one[key][cut]["rates"]]
            rows.append((f"  widest ratio by {cut}", _ratio(key, cut)))
        table(f"false match rates in 1,000, one threshold for a global rate of {rate:g}", of_model, rows)
    rows = [(name, _shown(f"non-matches/rates/{name}")) for name in one["non-matches"]["rates"]]
    table(f"LFW DevTest, false non-match rate in 1,000 at FMR 1e-3; probe: {one['non-matches']['probe']}", of_model, rows)


def show_misses(of_detector: Mapping[str, Figures]) -> None:
    one = next(iter(of_detector.values()))
    rows: Rows = [("overall", _shown("overall"))]
    for cut in ("race", "gender", "age"):
        rows += [(f"{cut}: {name}", _shown(f"{cut}/{name}")) for name in one[cut]]
    table("faces not found, in 1,000, in a canvas around FairFace's crops", of_detector, rows)


def _shown(path: str) -> Callable[[Figures], str]:
    """A cell ``rate [low, high]`` in thousandths."""

    def cell(figures: Figures) -> str:
        rate = value(figures, path)
        if rate["high"] is None:
            return f"none of {rate['trials']:,}"
        return f"{1000 * rate['value']:.2f} [{1000 * rate['low']:.2f}, {1000 * rate['high']:.2f}]"

    return cell


def _ratio(key: str, cut: str) -> Callable[[Figures], str]:
    def cell(figures: Figures) -> str:
        ratio = figures[key][cut]["widest ratio"]
        shown = [f"{ratio[k]:.2f}" if ratio[k] is not None else "-" for k in ("value", "low", "high")]
        return f"{shown[0]} [{shown[1]}, {shown[2]}]"

    return cell
