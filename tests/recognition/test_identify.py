"""Known people are named, strangers and faces between people are not, and clusters of one person count as one."""

from __future__ import annotations

import numpy as np
import pytest

from facelib.recognition.identify import identify
from facelib.recognition.standing import rule
from facelib.records import CERTAIN, NO_PERSON, UNKNOWN
from facelib.thresholds import Thresholds
from tests.synthetic import album, around, unit

THRESHOLDS = Thresholds()


def known(seed: int = 0, people: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Faces of people far apart, and who they are."""
    made = album(seed, people=people, photos=60, dimension=256, spread=0.5)
    return made.observations.faces, made.truth


def test_known_people_are_named_and_strangers_are_not() -> None:
    faces, truth = known()
    person = np.arange(10) + 50
    answers = identify(faces[:40], faces[40:], truth[40:], person, THRESHOLDS)
    assert (answers.standing == CERTAIN).mean() > 0.8
    assert (answers.person == truth[:40] + 50).all() and (answers.cluster == truth[:40]).all()
    strangers = unit(np.random.default_rng(9).normal(size=(300, 256)))
    assert (identify(strangers, faces, truth, person, THRESHOLDS).standing == UNKNOWN).all()


def test_clusters_of_one_person_add_up_and_unnamed_ones_stand_for_themselves() -> None:
    faces, truth = known(people=2)
    mine = np.flatnonzero(truth == 0)
    half = np.where(truth == 0, np.arange(len(truth)) % 2, 2)
    y = unit(faces[mine].mean(axis=0))[None]
    apart = identify(y, faces, half, np.array([-1, -1, -1]), THRESHOLDS)
    one = identify(y, faces, half, np.array([7, 7, -1]), THRESHOLDS)
    assert one.person[0] == 7 and one.share[0] > 0.95 and one.cluster[0] in (0, 1)
    assert apart.person[0] == -1 and apart.share[0] < 0.9
    assert one.share[0] == pytest.approx(apart.shares[0][0][2] + apart.shares[0][1][2], abs=1e-5)
    assert apart.margin[0] == pytest.approx(apart.shares[0][0][2] - apart.shares[0][1][2], abs=1e-5)
    assert apart.shares[0][0][:2] == (-1, int(apart.cluster[0]))


def test_a_face_between_two_people_is_nobody_for_certain() -> None:
    rng = np.random.default_rng(3)
    a, b = unit(rng.normal(size=(2, 64)))
    dictionary = np.concatenate([around(rng, np.repeat(p[None], 6, axis=0), 0.3) for p in (a, b)])
    between = unit((a + b)[None])
    answers = identify(between, dictionary, np.repeat([0, 1], 6), np.array([0, 1]), THRESHOLDS)
    assert answers.standing[0] == UNKNOWN and "margin" in rule(answers, 0, THRESHOLDS)


def test_the_distance_is_to_the_nearest_exemplar_of_the_winner() -> None:
    faces, truth = known(2)
    answers = identify(faces[:20], faces[20:], truth[20:], np.arange(10), THRESHOLDS)
    for row in range(20):
        own = faces[20:][truth[20:] == answers.person[row]]
        assert answers.distance[row] == pytest.approx(1 - (own @ faces[row]).max(), abs=1e-5)


def test_no_face_no_dictionary_nobody() -> None:
    faces, truth = known()
    for answers in (
        identify(0 * faces[:3], faces, truth, np.arange(10), THRESHOLDS),
        identify(faces[:3], faces[:0], truth[:0], np.arange(10), THRESHOLDS),
        identify(-faces[:1].repeat(3, axis=0), faces[:1], truth[:1], np.arange(10), THRESHOLDS),
    ):
        assert (answers.standing == UNKNOWN).all() and (answers.person == NO_PERSON).all() and len(answers) == 3
        assert "no exemplar" in rule(answers, 0, THRESHOLDS) and answers.shares == [[], [], []]
