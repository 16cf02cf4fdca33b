"""When an answer is 'certain' or 'likely': a score fitted on half of the people, and its errors on the other half.

The score is a logistic regression on share, residual, lead and the distance to the person's mean. The lowest score of a standing is
the one at which the error on these people is the promised one (0.5 % of the certain answers, 5 % of those that are only likely)
times :data:`SPARE`. Margin and distance of a standing are kept by 99.8 % of its right answers. In each set the known weigh as much as
everyone who must stay unknown, siblings as much as strangers; all sets weigh the same.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from benching.open_set_questions import answer_by_sparse_coding, draw_questions
from benching.vectors import LabelledVectors

from facelib.evaluation.open_set import KNOWN, SIBLING, STRANGER, halves
from facelib.recognition.answers import Answers
from facelib.records import CERTAIN, LIKELY
from facelib.thresholds import Thresholds

PROMISED = {"certain": 0.005, "likely": 0.05}
SPARE = 1.1
"""Allowed error on the people of the fit, divided by the promised one: for all embedders the error on the held-out half was lower than
on the other half by at least this factor."""
OTHER_DISTANCES = np.arange(0.30, 0.81, 0.05)


@dataclass(frozen=True, eq=False)
class TrialAnswers:
    """Answers of many trials, one column each; in each set ``weight`` sums to 1 for the known, and to 1 for all others."""

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


def collect(sets: list[LabelledVectors], first: bool, trials: int, seed: int, thresholds: Thresholds) -> TrialAnswers:
    """Answers in trials on one half of the people of each set, the ``first`` or the other one."""
    rng = np.random.default_rng(seed)
    parts = []
    for index, every in enumerate(sets):
        half = halves(every.family, seed) == first
        vectors, person, family = every.vectors[half], every.person[half], every.family[half]
        for number in range(trials):
            asked = draw_questions(person, family, number, rng)
            library = vectors[asked.named], person[asked.named], vectors[asked.unnamed], asked.unnamed_labels(person)
            answers = answer_by_sparse_coding(vectors[asked.probes], *library, thresholds)
            right = (answers.person == person[asked.probes]) & (asked.kind == KNOWN)
            parts.append(_columns(index, asked.kind, right, answers))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    values = [*columns, _weights(columns[0], columns[1])]
    return TrialAnswers(**{field.name: value for field, value in zip(fields(TrialAnswers), values, strict=True)})


def _columns(index: int, kind: np.ndarray, right: np.ndarray, answers: Answers) -> tuple[np.ndarray, ...]:
    distance = np.where(np.isfinite(answers.distance), answers.distance, 2)
    other = np.where(np.isfinite(answers.lead), answers.lead + distance, 2)
    named = answers.person >= 0
    centre = np.where(np.isfinite(answers.centre_distance), answers.centre_distance, 2)
    measured = (answers.share, answers.margin, answers.residual, distance, other, centre)
    return np.full(len(kind), index), kind, right, named, answers.standing, answers.score, *measured


def _weights(set_of: np.ndarray, kind: np.ndarray) -> np.ndarray:
    weight = np.zeros(len(kind))
    for index in np.unique(set_of):
        present = [k for k in (STRANGER, SIBLING) if ((set_of == index) & (kind == k)).any()]
        for one, share in [(KNOWN, 1.0)] + [(k, 1.0 / len(present)) for k in present]:
            rows = (set_of == index) & (kind == one)
            weight[rows] = share / max(rows.sum(), 1)
    return weight


def lowest_score(asked: TrialAnswers, score: np.ndarray, error: float, below: float = np.inf) -> float:
    """The lowest score from which on, up to ``below``, at most a share ``error`` of the names given is wrong."""
    order = np.argsort(-score, kind="stable")
    order = order[asked.named[order] & (score[order] < below)]
    right = np.cumsum((asked.weight * asked.right)[order])
    wrong = np.cumsum((asked.weight * ~asked.right)[order])
    allowed = np.flatnonzero(wrong <= error * (right + wrong))
    return float(score[order[allowed[-1]]]) if len(allowed) else float("inf")


def fit(asked: TrialAnswers) -> tuple[dict[str, float], float]:
    """Thresholds for the card, with the ``other_distance`` that makes most answers certain or likely.

    Returns
    -------
    dict, float
        The thresholds, and the weight of these answers, to compare fits of the same trials.
    """
    from sklearn.linear_model import LogisticRegression

    rows = asked.named
    best, found = -1.0, {}
    for other in OTHER_DISTANCES:
        features = asked.features(other)
        model = LogisticRegression(C=10.0, max_iter=5000).fit(features[rows], asked.right[rows], sample_weight=1000 * asked.weight[rows])
        score = model.decision_function(features)
        lowest, below = {}, np.inf
        for word, error in PROMISED.items():
            lowest[word] = below = lowest_score(asked, score, SPARE * error, below)
        covered = sum(float((asked.weight * (asked.right & (score >= bound))).sum()) for bound in lowest.values())
        if covered > best:
            base, (share, residual, lead, centre) = float(model.intercept_[0]), model.coef_[0]
            best = covered
            found = {"score_base": base, "score_share": share, "score_residual": residual, "score_lead": lead}
            found |= {"score_centre": centre, "other_distance": other}
            for word, bound in lowest.items():
                mine = asked.right & (score >= bound)
                found[f"{word}_score"] = bound
                found[f"{word}_margin"] = float(np.quantile(asked.margin[mine], 0.002))
                found[f"{word}_distance"] = float(np.quantile(asked.distance[mine], 0.998))
    return {name: round(float(value), 3) for name, value in found.items()}, best


def precision_and_coverage(asked: TrialAnswers, word: str) -> tuple[float, float]:
    """Precision of the answers of a standing, and the share of the known that gets it rightly; all sets weigh the same."""
    given = asked.named & (asked.standing == {"certain": CERTAIN, "likely": LIKELY}[word])
    right, wrong = float(asked.weight[given & asked.right].sum()), float(asked.weight[given & ~asked.right].sum())
    return right / (right + wrong) if right + wrong else 1.0, right / float(asked.weight[asked.kind == KNOWN].sum())
