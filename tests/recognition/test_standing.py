"""Each bound can refuse an answer, and the rule says which did."""

from __future__ import annotations

import numpy as np

from facelib.recognition.identify import identify
from facelib.recognition.standing import bounds, missed_bounds, rule
from facelib.records import CERTAIN, LIKELY, UNKNOWN
from facelib.thresholds import Thresholds
from tests.synthetic import album

THRESHOLDS = Thresholds()


def known(seed: int = 0, people: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Faces of people far apart, and who they are."""
    made = album(seed, people=people, photos=60, dimension=256, spread=0.5)
    return made.observations.faces, made.truth


def test_each_rule_can_refuse() -> None:
    faces, truth = known()
    person = np.arange(10)
    sure = identify(faces[:1], faces[40:], truth[40:], person, THRESHOLDS)
    assert sure.standing[0] == CERTAIN and "certain" in rule(sure, 0, THRESHOLDS)
    for name, value in (("score", 50.0), ("margin", 1.0), ("distance", 0.0)):
        strict = THRESHOLDS.override({f"certain_{name}": value, "sparsity": 0.001})
        weaker = identify(faces[:1], faces[40:], truth[40:], person, strict)
        assert weaker.standing[0] == LIKELY and name in rule(weaker, 0, strict)
        stricter = strict.override({f"likely_{name}": value})
        refused = identify(faces[:1], faces[40:], truth[40:], person, stricter)
        assert refused.standing[0] == UNKNOWN and name in rule(refused, 0, stricter)
        assert refused.person[0] == truth[0]


def test_an_answer_misses_no_bound_of_its_own_standing() -> None:
    faces, truth = known(3)
    answers = identify(faces[:40], faces[40:], truth[40:], np.arange(10), THRESHOLDS)
    for row, standing in enumerate(answers.standing.tolist()):
        for asked in (LIKELY, CERTAIN):
            assert bool(missed_bounds(answers, row, THRESHOLDS, asked)) == (standing < asked)
    assert bounds(THRESHOLDS, LIKELY)[2] == THRESHOLDS.likely_distance
