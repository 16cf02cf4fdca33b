"""Upper bodies by geometry, and persons matched to faces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.errors import InputError
from facelib.geometry import intersection
from facelib.records import Face, Picture
from facelib.thresholds import Thresholds
from facelib.vision.bodies import find_bodies, match_scores, upper_body_from_face, upper_body_from_person
from facelib.vision.loader import load_body_detector

THRESHOLDS = Thresholds()
PICTURE = Picture(np.zeros((500, 1000, 3), np.uint8), 2000, 1000)


class Persons:
    """A stand-in for a person detector, in pixels of the decoded picture."""

    def __init__(self, *persons: tuple[float, float, float, float, float]) -> None:
        self.rows = np.array(persons, dtype=np.float32).reshape(-1, 5)

    def detect(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.rows[:, :4], self.rows[:, 4]


def face(x: float, y: float, size: float) -> Face:
    box = (x - 0.4 * size, y - 0.5 * size, x + 0.4 * size, y + 0.5 * size)
    points = np.array([[-0.18, -0.1], [0.18, -0.1], [0, 0.08], [-0.15, 0.27], [0.15, 0.27]]) * size + (x, y)
    return Face(box, 0.99, points.astype(np.float32), 0.9)


boxes = st.tuples(st.floats(0, 1900), st.floats(0, 900), st.floats(5, 400), st.floats(5, 400)).map(
    lambda b: (b[0], b[1], min(b[0] + b[2], 2000.0), min(b[1] + b[3], 1000.0))
)


@given(boxes, st.lists(boxes, max_size=4))
def test_the_body_lies_in_the_picture_and_below_the_face(box: tuple[float, ...], others: list[tuple[float, ...]]) -> None:
    body = upper_body_from_face(box, 2000, 1000, others)  # type: ignore[arg-type]
    if body is not None:
        x0, y0, x1, y1 = body
        assert 0 <= x0 < x1 <= 2000 and 0 <= y0 < y1 <= 1000
        assert y0 >= box[3]


def test_a_body_is_about_as_wide_as_shoulders() -> None:
    body = upper_body_from_face(face(1000, 300, 100).box, 2000, 1000)
    assert body is not None
    assert 180 < body[2] - body[0] < 280 and 180 < body[3] - body[1] < 280
    assert (body[0] + body[2]) / 2 == pytest.approx(1000)


def test_a_face_at_the_lower_edge_has_no_body() -> None:
    assert upper_body_from_face(face(1000, 940, 100).box, 2000, 1000) is None


def test_neighbours_do_not_share_clothes() -> None:
    left, right = face(900, 300, 120), face(1040, 310, 110)
    pairs = find_bodies(load_body_detector("face-geometry"), PICTURE, [left, right], THRESHOLDS)
    (_, first), (_, second) = pairs
    assert first is not None and second is not None
    assert intersection(np.array([first.box]), np.array([second.box]))[0, 0] == 0
    assert first.score == 0


def test_a_face_below_ends_the_body_above_it() -> None:
    above, below = face(1000, 200, 100), face(1010, 420, 100)
    body = upper_body_from_face(above.box, 2000, 1000, [below.box])
    assert body is not None and body[3] <= below.box[1]


def test_persons_go_to_their_faces_one_to_one_and_the_rest_are_bodies_alone() -> None:
    one, two = face(400, 200, 100), face(1000, 220, 100)
    detector = Persons((450, 70, 560, 480, 0.9), (140, 60, 260, 480, 0.8), (700, 50, 820, 470, 0.7))
    pairs = find_bodies(detector, PICTURE, [one, two], THRESHOLDS)
    assert [who for who, _ in pairs] == [one, two, None]
    scores = [body.score if body else None for _, body in pairs]
    assert scores == pytest.approx([0.8, 0.9, 0.7])
    alone = pairs[2][1]
    assert alone is not None and 1400 <= alone.box[0] < alone.box[2] <= 1640


def test_a_person_counts_alone_only_with_score_and_size() -> None:
    assert find_bodies(Persons((100, 50, 220, 470, 0.3)), PICTURE, [], THRESHOLDS) == []
    assert find_bodies(Persons((100, 50, 110, 90, 0.9)), PICTURE, [], THRESHOLDS) == []
    assert len(find_bodies(Persons((100, 50, 220, 470, 0.5)), PICTURE, [], THRESHOLDS)) == 1


def test_a_second_box_around_a_known_face_is_nobody_new() -> None:
    one = face(400, 200, 100)
    pairs = find_bodies(Persons((140, 60, 260, 480, 0.9), (130, 62, 270, 490, 0.6)), PICTURE, [one], THRESHOLDS)
    assert len(pairs) == 1


def test_a_face_suits_a_person_it_tops_not_one_it_stands_on() -> None:
    box = np.array([[350.0, 100, 450, 220]])
    persons = np.array([[300.0, 80, 500, 700], [300, -450, 500, 200], [900, 80, 1100, 700]])
    suits = match_scores(box, persons)[0]
    assert suits[0] > 0.3 and suits[1] < 0.05 and suits[2] == 0


def test_the_clothes_of_somebody_who_faces_away_lie_below_the_head() -> None:
    upper = upper_body_from_person(np.array([100.0, 0, 300, 600]), None, None)
    assert upper is not None
    assert upper[1] > 80 and upper[3] < 400


def test_geometry_needs_no_net_and_other_models_are_refused() -> None:
    boxes, scores = load_body_detector("face-geometry").detect(PICTURE.pixels)
    assert boxes.shape == (0, 4) and scores.shape == (0,)
    with pytest.raises(InputError):
        load_body_detector("mtcnn")
