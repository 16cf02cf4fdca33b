"""How sure an answer is: its score, and the rules that make it certain, likely or unknown."""

from __future__ import annotations

import numpy as np

from facelib.recognition.answers import Answers
from facelib.recognition.candidates import Candidates
from facelib.records import CERTAIN, LIKELY, NO_CLUSTER, NO_PERSON, STANDINGS, UNKNOWN
from facelib.thresholds import Thresholds, compared

READS = (
    "score_base",
    "score_share",
    "score_residual",
    "score_lead",
    "score_centre",
    "other_distance",
    "certain_score",
    "certain_margin",
    "certain_distance",
    "likely_score",
    "likely_margin",
    "likely_distance",
)


def judge_answers(
    candidates: Candidates,
    residual: np.ndarray,
    residual_vector: np.ndarray,
    distance: np.ndarray,
    other_distance: np.ndarray,
    centre_distance: np.ndarray,
    thresholds: Thresholds,
) -> Answers:
    """Score the first candidate of each face, and decide how sure it is.

    The score is a logistic regression on the measurements: ``score_base + score_share * share + score_residual * residual +
    score_lead * lead + score_centre * centre_distance``, its coefficients fitted for each embedder.

    Parameters
    ----------
    candidates : Candidates
    residual, distance, other_distance, centre_distance : ndarray of shape (n,), float32
        As in :class:`~facelib.recognition.answers.Answers`.
    residual_vector : ndarray of shape (n, d), float32
    thresholds : Thresholds
        Read: those named in :data:`READS`.
    """
    n = len(residual)
    person, cluster = np.full(n, NO_PERSON, dtype=np.int64), np.full(n, NO_CLUSTER, dtype=np.int64)
    share, second_share = np.zeros((2, n), dtype=np.float32)
    first, second = candidates.rank == 0, candidates.rank == 1
    rows = candidates.row[first]
    person[rows], cluster[rows], share[rows] = candidates.person[first], candidates.cluster[first], candidates.share[first]
    second_share[candidates.row[second]] = candidates.share[second]
    lead, score = np.full((2, n), -np.inf, dtype=np.float32)
    lead[rows] = np.minimum(other_distance[rows], thresholds.other_distance) - distance[rows]
    score[rows] = (
        thresholds.score_base
        + thresholds.score_share * share[rows]
        + thresholds.score_residual * residual[rows]
        + thresholds.score_lead * lead[rows]
        + thresholds.score_centre * centre_distance[rows]
    )
    measured = (share, share - second_share, residual, residual_vector, distance, other_distance, lead, centre_distance, score)
    answers = Answers(np.full(n, UNKNOWN), person, cluster, *measured, candidates)
    for standing in (LIKELY, CERTAIN):
        answers.standing[_passes(answers, thresholds, standing)] = standing
    return answers


def bounds(thresholds: Thresholds, standing: int) -> tuple[float, float, float]:
    """The least score, the least margin and the greatest distance of answers of a standing, LIKELY or CERTAIN."""
    word = STANDINGS[standing]
    score, margin, distance = (float(getattr(thresholds, f"{word}_{name}")) for name in ("score", "margin", "distance"))
    return score, margin, distance


def _passes(answers: Answers, thresholds: Thresholds, standing: int) -> np.ndarray:
    # The score was fitted on usual faces; the bounds of margin and distance hold for unusual ones too.
    score, margin, distance = bounds(thresholds, standing)
    passed: np.ndarray = (answers.score >= score) & (answers.margin >= margin) & (answers.distance <= distance)
    return passed


def missed_bounds(answers: Answers, row: int, thresholds: Thresholds, standing: int) -> tuple[str, ...]:
    """Which bounds of a standing an answer misses: ``"score"``, ``"margin"``, ``"distance"``, in this order."""
    score, margin, distance = bounds(thresholds, standing)
    missed = {
        "score": answers.score[row] < score,
        "margin": answers.margin[row] < margin,
        "distance": answers.distance[row] > distance,
    }
    return tuple(name for name, outside in missed.items() if outside)


def rule(answers: Answers, row: int, thresholds: Thresholds) -> str:
    """The rule that decided the standing of an answer, with its numbers."""
    if answers.cluster[row] == NO_CLUSTER:
        return "no exemplar is near enough to take part"
    named = {"share": answers.share, "residual": answers.residual, "lead": answers.lead, "centre": answers.centre_distance}
    parts = ", ".join(f"{name} {float(values[row]):.3f}" for name, values in named.items())
    if answers.standing[row] == CERTAIN:
        return f"score {answers.score[row]:.2f} ({parts}), margin and distance are all within the bounds for certain"
    wanted = CERTAIN if answers.standing[row] != UNKNOWN else LIKELY
    score, margin, distance = bounds(thresholds, wanted)
    scores = compared(float(answers.score[row]), score, 2)
    margins = compared(float(answers.margin[row]), margin, 2)
    distances = compared(float(answers.distance[row]), distance, 3)
    texts = {
        "score": f"score {scores[0]} ({parts}) is below {scores[1]}",
        "margin": f"margin {margins[0]} is below {margins[1]}",
        "distance": f"distance {distances[0]} is above {distances[1]}",
    }
    return f"not {STANDINGS[wanted]}: " + "; ".join(texts[name] for name in missed_bounds(answers, row, thresholds, wanted))
