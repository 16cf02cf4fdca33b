"""What makes an answer 'certain' or 'likely': fitted on half of the people for ``calibrate.py``; here measured on both halves.

    python scripts/calibrate_standing.py CARD SET.npz... [--trials 80] [--seed 1]

The sets are made by ``scripts/embed_folder.py``, or are those that ``scripts/calibrate.py`` keeps in its cache. In each trial
some people (1, 3, 10, 30 or 100) of one half of a set have names, and 0, 5, 50 or all photos of some strangers lie in the
library without one, as does now and then a photo of a known person; then other photos of the known, strangers and people of
the families of the known are asked for. In each set the known weigh as much as all who must stay unknown, siblings as much as
strangers; all sets weigh the same.

The score is a logistic regression on share, residual, lead and the distance to the person's mean. The least score of a
standing is that at which its error on these people is the promised one (0.5 % of the answers that are certain, 5 % of those
that are only likely) times SPARE; margin and distance are those that 99.8 % of the right answers of that standing keep.
Printed are the precision and coverage on both halves with the numbers the card has.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facelib.evaluation.open_set import KNOWN, SIBLING, STRANGER, halves, trial
from facelib.model_zoo import registry
from facelib.recognition.answers import Answers
from facelib.recognition.dictionary import ClusteredFaces, build_dictionary
from facelib.recognition.identify import identify
from facelib.records import CERTAIN, LIKELY
from facelib.thresholds import Thresholds

KNOWN_PEOPLE = (1, 3, 10, 30, 100)
NAMELESS = (0, 5, 50, 100_000)
MOST_ASKED = 300
PROMISED = {"certain": 0.005, "likely": 0.05}
SPARE = 1.1
"""The error allowed on the people it is calibrated on, as a part of what is promised for others: with all embedders answers proved
to err less on the held-out half than on the other by at least this much."""
OTHER_DISTANCES = np.arange(0.30, 0.81, 0.05)


@dataclass(frozen=True, eq=False)
class Asked:
    """Answers of many trials, a column each; ``weight`` sums to 1 for the known of a set, and to 1 for its others."""

    set: np.ndarray
    kind: np.ndarray
    right: np.ndarray
    named: np.ndarray
    standing: np.ndarray
    score: np.ndarray
    share: np.ndarray
    margin: np.ndarray
    residual: np.ndarray
    distance: np.ndarray
    other: np.ndarray
    centre: np.ndarray
    weight: np.ndarray

    def features(self, other_distance: float) -> np.ndarray:
        return np.stack([self.share, self.residual, np.minimum(self.other, other_distance) - self.distance, self.centre], axis=1)


def people_of(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings, persons and families of a set; a folder within a folder is a member of a family."""
    with np.load(path) as kept:
        vectors, labels = kept["vectors"].astype(np.float32), kept["labels"]
    person = np.unique(labels, return_inverse=True)[1]
    family = np.unique([label.split("/")[0] for label in labels.tolist()], return_inverse=True)[1]
    return vectors, person, family


def ask(vectors: np.ndarray, person: np.ndarray, family: np.ndarray, number: int, rng: np.random.Generator, thresholds: Thresholds):  # type: ignore[no-untyped-def]
    """One trial: kinds of the faces asked for, whether the first candidate is right, and the answers."""
    drawn = trial(person, family, KNOWN_PEOPLE[number % len(KNOWN_PEOPLE)], NAMELESS[number % len(NAMELESS)], rng)
    chosen = np.concatenate([rng.permutation(np.flatnonzero(drawn.kind == kind))[:MOST_ASKED] for kind in (KNOWN, STRANGER, SIBLING)])
    library = np.concatenate([drawn.named, drawn.unnamed])
    known = np.unique(person[drawn.named])
    # People with a name are a cluster each, as are strangers; the further photos of the known lie alone.
    label = person[library].copy()
    loose = np.isin(label, known)
    loose[: len(drawn.named)] = False
    label[loose] = person.max() + 1 + np.arange(loose.sum())
    keys, cluster = np.unique(label, return_inverse=True)
    owner = np.where(np.isin(keys, known), keys, -1)
    faces, ones, never = vectors[library], np.ones(len(library)), np.full(len(library), np.nan)
    rows = build_dictionary(ClusteredFaces(faces, cluster, ones, never, owner), thresholds)
    probes = drawn.probes[chosen]
    answers = identify(vectors[probes], faces[rows], cluster[rows], owner, thresholds)
    right = (answers.person == person[probes]) & (drawn.kind[chosen] == KNOWN)
    return drawn.kind[chosen], right, answers


def collect(sets: list[tuple[np.ndarray, np.ndarray, np.ndarray]], first: bool, trials: int, seed: int, thresholds: Thresholds) -> Asked:
    """Trials on one half of the people of each set."""
    rng = np.random.default_rng(seed)
    parts = []
    for index, (vectors, person, family) in enumerate(sets):
        half = halves(family, seed) == first
        for number in range(trials):
            kind, right, answers = ask(vectors[half], person[half], family[half], number, rng, thresholds)
            parts.append(_columns(index, kind, right, answers))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Asked(*columns, weight=_weights(columns[0], columns[1]))


def _columns(index: int, kind: np.ndarray, right: np.ndarray, answers: Answers) -> tuple[np.ndarray, ...]:
    distance = np.where(np.isfinite(answers.distance), answers.distance, 2)
    other = np.where(np.isfinite(answers.lead), answers.lead + distance, 2)
    named = answers.person >= 0
    centre = np.where(np.isfinite(answers.centre), answers.centre, 2)
    measured = (answers.share, answers.margin, answers.residual, distance, other, centre)
    return np.full(len(kind), index), kind, right, named, answers.standing, answers.score, *measured


def _weights(which: np.ndarray, kind: np.ndarray) -> np.ndarray:
    weight = np.zeros(len(kind))
    for index in np.unique(which):
        present = [k for k in (STRANGER, SIBLING) if ((which == index) & (kind == k)).any()]
        for one, part in [(KNOWN, 1.0)] + [(k, 1.0 / len(present)) for k in present]:
            rows = (which == index) & (kind == one)
            weight[rows] = part / max(rows.sum(), 1)
    return weight


def least_score(asked: Asked, score: np.ndarray, error: float, below: float = np.inf) -> float:
    """The least score from which on, up to ``below``, at most that part of the names given is wrong."""
    order = np.argsort(-score, kind="stable")
    order = order[asked.named[order] & (score[order] < below)]
    good = np.cumsum((asked.weight * asked.right)[order])
    bad = np.cumsum((asked.weight * ~asked.right)[order])
    fine = np.flatnonzero(bad <= error * (good + bad))
    return float(score[order[fine[-1]]]) if len(fine) else float("inf")


def fit(asked: Asked) -> tuple[dict[str, float], float]:
    """The numbers for the card: of the distances held for another person's, the one that makes most answers certain or likely.

    The second value is the weight of these answers, to compare fits of the same trials.
    """
    from sklearn.linear_model import LogisticRegression

    rows = asked.named
    best, found = -1.0, {}
    for other in OTHER_DISTANCES:
        features = asked.features(other)
        model = LogisticRegression(C=10.0, max_iter=5000).fit(features[rows], asked.right[rows], sample_weight=1000 * asked.weight[rows])
        score = model.decision_function(features)
        least, below = {}, np.inf
        for word, error in PROMISED.items():
            least[word] = below = least_score(asked, score, SPARE * error, below)
        covered = sum(float((asked.weight * (asked.right & (score >= bound))).sum()) for bound in least.values())
        if covered > best:
            base, (share, residual, lead, centre) = float(model.intercept_[0]), model.coef_[0]
            best = covered
            found = {"score_base": base, "score_share": share, "score_residual": residual, "score_lead": lead}
            found |= {"score_centre": centre, "other_distance": other}
            for word, bound in least.items():
                mine = asked.right & (score >= bound)
                found[f"{word}_score"] = bound
                found[f"{word}_margin"] = float(np.quantile(asked.margin[mine], 0.002))
                found[f"{word}_distance"] = float(np.quantile(asked.distance[mine], 0.998))
    return {name: round(float(value), 3) for name, value in found.items()}, best


def worth(asked: Asked, word: str) -> tuple[float, float]:
    """Precision of the answers of a standing, and the part of the known that is given it rightly, all sets alike."""
    told = asked.named & (asked.standing == {"certain": CERTAIN, "likely": LIKELY}[word])
    right, wrong = float(asked.weight[told & asked.right].sum()), float(asked.weight[told & ~asked.right].sum())
    return right / (right + wrong) if right + wrong else 1.0, right / float(asked.weight[asked.kind == KNOWN].sum())


def report(title: str, asked: Asked, names: list[str]) -> None:
    """Precision of each standing, and what part of the known is given it rightly."""
    print(title)
    for word, level in (("certain", CERTAIN), ("likely", LIKELY), ("either", -1)):
        told = asked.named & ((asked.standing == level) if level >= 0 else (asked.standing >= LIKELY))
        line = f"  {word:<8}"
        for index, name in [*enumerate(names), (-1, "all")]:
            rows = told & ((asked.set == index) if index >= 0 else True)
            right, wrong = float(asked.weight[rows & asked.right].sum()), float(asked.weight[rows & ~asked.right].sum())
            share = right / (1 if index >= 0 else len(names))
            count = int((rows & ~asked.right).sum())
            line += f"  {name} precision {right / max(right + wrong, 1e-12):.4f} of known {share:.3f} (wrong {count})"
        print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("card")
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--trials", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    thresholds = Thresholds().override(dict(registry.card(options.card).thresholds))
    sets, names = [people_of(path) for path in options.sets], [path.stem for path in options.sets]
    for title, first in (("people it was calibrated on", True), ("held-out people", False)):
        asked = collect(sets, first, options.trials, options.seed, thresholds)
        report(f"{title} ({len(asked.kind)} faces asked for)", asked, names)


if __name__ == "__main__":
    main()
