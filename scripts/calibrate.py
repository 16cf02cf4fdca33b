"""Fit the thresholds of an embedder on the development sets, each for a stated error, and write them to its card file.

    python scripts/calibrate.py EMBEDDER [--parts PART...] [--data ../shared/data] [--cache FOLDER] [--body NAME] [--dry-run]

Parts of a face embedder (default: all):

strangers  distances for false accept rates, over all pairs of strangers of lfw-devtest and celebrities-dev
photo      same_photo_threshold
first      group_threshold, for faces of one moment; it is also the unit of pass 2
clusters   the thresholds of pass 2 (``calibrating/clusters.py``)
moments    alpha, beta: the weights of clothes in pass 1 (``calibrating/moments.py``), with the body embedder --body
answers    sparsity, and what is certain or likely (``calibrating/standing.py``)

The only part of a body embedder is ``bodies``: body_threshold. A part is written to ``facelib/model_zoo/cards/EMBEDDER.toml`` with its
sets, the error it was set for, the measured error, and the date; other parts stay. Then run ``scripts/evaluate.py`` and
``scripts/write_cards.py``.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from benching.moment_views import moment_views
from benching.vectors import LabelledVectors
from calibrating import moments as moment_fit
from calibrating import standing
from development_sets.labelled_sets import SUBJECT, Labelled, labelled

from facelib.evaluation.pairs import all_pairs, pair_distances
from facelib.model_zoo import calibration, registry
from facelib.model_zoo.calibration import Part
from facelib.thresholds import Thresholds

FOR_STRANGERS = ("lfw-devtest", "celebrities-dev")
FAR = (1e-2, 1e-3, 1e-4)
SAME_PHOTO = 1e-3
"""Share of the pairs of photos of one person that are nearer than same_photo_threshold."""
FIRST = 0.73
"""group_threshold divided by the distance of 1 in 10,000 pairs of strangers: too few pairs are below group_threshold to count them."""
SPARSITIES = (0.1, 0.2, 0.4)
TRIALS, SEARCHED, SEED = 80, 20, 1
"""Trials for the fit of answers, trials for each sparsity that is tried, and the seed of both."""


@dataclass(frozen=True)
class Job:
    """The embedder to calibrate, and the data to do it with."""

    embedder: str
    data: Path
    cache: Path | None
    detector: str
    body: str

    @cached_property
    def sets(self) -> dict[str, Labelled]:
        return {name: labelled(self.data, name, self.detector, self.embedder, self.cache) for name in SUBJECT}

    @property
    def base(self) -> Thresholds:
        """The thresholds of the cards as they are."""
        cards = (registry.card(name) for name in (self.embedder, self.body))
        return Thresholds().override({name: value for card in cards for name, value in card.thresholds.items()})

    def part(self, name: str, sets: tuple[str, ...], error: str, measured: str, found: dict[str, float]) -> Part:
        return Part(name, sets, error, measured, datetime.date.today().isoformat(), found)


def strangers(job: Job) -> Part:
    distances = _strangers(job)
    far = {rate: round(float(np.quantile(distances, rate)), 3) for rate in FAR}
    error = "false accept rates over all pairs of strangers; near kin are nearer"
    return Part("strangers", FOR_STRANGERS, error, f"{len(distances):,} pairs", datetime.date.today().isoformat(), {}, far)


def photo(job: Job) -> Part:
    genuine = np.concatenate([_split(job.sets[name])[0] for name in FOR_STRANGERS])
    cut = round(float(np.quantile(genuine, SAME_PHOTO)), 3)
    error = "nearer than 999 of 1,000 pairs of photos of one person"
    return job.part("photo", FOR_STRANGERS, error, f"{len(genuine):,} pairs", {"same_photo_threshold": cut})


def first(job: Job) -> Part:
    strange = _strangers(job)
    cut = round(FIRST * float(np.quantile(strange, 1e-4)), 3)
    families = job.sets["families-dev"]
    one, other = all_pairs(len(families.files))
    kin = (families.family[one] == families.family[other]) & (families.person[one] != families.person[other])
    joined = float((pair_distances(families.vectors)[kin] < cut).mean())
    error = f"about 2 in 1,000,000 pairs of strangers: {FIRST} of the distance that 100 of them lie below"
    measured = f"{int((strange < cut).sum())} of {len(strange):,} pairs of strangers, {joined:.1%} of the pairs of kin"
    return job.part("first", tuple(SUBJECT), error, measured, {"group_threshold": cut})


def clusters(job: Job) -> Part:
    from calibrating import clusters as cluster_fit

    found = cluster_fit.fit([(faces.vectors, faces.person, faces.family) for faces in job.sets.values()], job.base)
    return job.part("clusters", tuple(SUBJECT), cluster_fit.ERROR, "", found)


def moments(job: Job) -> Part:
    views, truth = moment_views(job.data, job.detector, job.embedder, job.body, job.cache)
    distance = float(np.quantile(_strangers(job), moment_fit.SAME_CLOTHES))
    found, measured = moment_fit.fit(distance, views, truth, job.base)
    error = (
        f"in the same clothes {moment_fit.SAME_CLOTHES:g} of the pairs of strangers are joined;"
        f" clothes bring at most {moment_fit.HELPED:.0%} of the pairs of two people nearer"
    )
    return job.part("moments", FOR_STRANGERS, error, f"{measured} with {job.body}", found)


def answers(job: Job) -> Part:
    sets = [LabelledVectors(faces.vectors, faces.person, faces.family) for faces in job.sets.values()]

    def fitted(sparsity: float, trials: int) -> tuple[dict[str, float], float]:
        base = job.base.override({"sparsity": sparsity, "other_distance": 2.0})
        return standing.fit(standing.collect(sets, True, trials, SEED, base))

    sparsity = max(SPARSITIES, key=lambda tried: fitted(tried, SEARCHED)[1])
    found = {"sparsity": sparsity, **fitted(sparsity, TRIALS)[0]}
    asked = standing.collect(sets, False, TRIALS, SEED, job.base.override(found))
    results = {word: standing.precision_and_coverage(asked, word) for word in standing.PROMISED}
    measured = "on the other half of the people " + ", ".join(f"{w} errs in {1 - p:.2%} and holds {c:.0%}" for w, (p, c) in results.items())
    return job.part("answers", tuple(SUBJECT), "certain may err in 0.5 %, likely in 5 %", measured, found)


def bodies(job: Job) -> Part:
    found, measured = moment_fit.fit_bodies(*moment_views(job.data, job.detector, None, job.embedder, job.cache))
    error = f"simulated moments: at most {moment_fit.NEEDED:.0%} of the pairs in the same clothes and"
    error += f" {moment_fit.OTHERS:.0%} of those of two people are nearer"
    return job.part("bodies", ("celebrities-dev",), error, measured, found)


OF_FACES: dict[str, Callable[[Job], Part]] = {
    "strangers": strangers,
    "photo": photo,
    "first": first,
    "clusters": clusters,
    "moments": moments,
    "answers": answers,
}
OF_BODIES: dict[str, Callable[[Job], Part]] = {"bodies": bodies}


def _strangers(job: Job) -> np.ndarray:
    """Distances of all pairs of strangers."""
    return np.concatenate([_split(job.sets[name])[1] for name in FOR_STRANGERS])


def _split(faces: Labelled) -> tuple[np.ndarray, np.ndarray]:
    """Distances of the pairs of one person, and of those of two."""
    first, second = all_pairs(len(faces.files))
    distances, same = pair_distances(faces.vectors), faces.person[first] == faces.person[second]
    return distances[same], distances[~same]


def write_part(model: str, part: Part, *, dry: bool) -> None:
    """Replace the part of that name or add it, remove its thresholds from the other parts, and print it; ``dry``: only print."""
    known = calibration.parts(model)
    before = {name: value for old in known for name, value in [*old.thresholds.items(), *old.far_distances.items()]}
    others = [replace(old, thresholds={k: v for k, v in old.thresholds.items() if k not in part.thresholds}) for old in known]
    made = [part if old.name == part.name else old for old in others if old.name == part.name or old.thresholds or old.far_distances]
    if part not in made:
        made.append(part)
    if not dry:
        calibration.path_of(model).write_text(calibration.to_toml(model, tuple(made)), encoding="utf-8")
        calibration.parts.cache_clear()
    print(part)
    for name, value in [*part.thresholds.items(), *part.far_distances.items()]:
        print(f"  {name} = {value}" + (f"  (was {before[name]})" if name in before else ""), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder")
    parser.add_argument("--parts", nargs="+", help=f"of {', '.join(OF_FACES)}, or {', '.join(OF_BODIES)}")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the development sets")
    parser.add_argument("--cache", type=Path, help="store detected faces and embeddings here")
    parser.add_argument("--detector", default=registry.DEFAULTS[registry.FACE_DETECTOR])
    parser.add_argument("--body", default=registry.DEFAULTS[registry.BODY_EMBEDDER], help="for 'moments'")
    parser.add_argument("--dry-run", action="store_true", help="only print")
    options = parser.parse_args()
    parts = OF_BODIES if registry.card(options.embedder).task == registry.BODY_EMBEDDER else OF_FACES
    if unknown := set(options.parts or ()) - set(parts):
        parser.error(f"{options.embedder} has no part {', '.join(sorted(unknown))}; it has {', '.join(parts)}")
    job = Job(options.embedder, options.data, options.cache, options.detector, options.body)
    for name in options.parts or parts:
        write_part(options.embedder, parts[name](job), dry=options.dry_run)


if __name__ == "__main__":
    main()
