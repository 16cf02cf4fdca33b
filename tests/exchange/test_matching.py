"""Regions find the people they are of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.exchange.matching import Seen, pair, placed
from facelib.exchange.orientation import Frame
from facelib.exchange.regions import Mark, Region, mark_of
from facelib.records import Box
from tests.foreign import boxes


def region(*box: float, kind: str = "face", certain: bool = True) -> Region:
    return Region("Ana", box, kind, certain=certain)  # type: ignore[arg-type]


def face(*box: float) -> Seen:
    return Seen(box, None)  # type: ignore[arg-type]


def test_by_overlap_the_best_first() -> None:
    regions = [region(0, 0, 100, 100), region(40, 0, 140, 100)]
    assert pair(regions, [face(38, 0, 138, 100), face(500, 0, 600, 100)]) == {1: 0}
    assert pair(regions, [face(40, 0, 140, 100), face(5, 0, 105, 100)]) == {0: 1, 1: 0}


def test_by_centre_where_boxes_differ_in_size() -> None:
    assert pair([region(0, 0, 100, 100)], [face(24, 24, 76, 76)]) == {0: 0}
    assert pair([region(0, 0, 100, 100)], [face(40, 40, 60, 60)]) == {}
    assert pair([region(0, 0, 100, 100)], [face(80, 80, 180, 180)]) == {}


def test_a_face_with_the_body_whose_face_was_not_seen() -> None:
    body = Seen(None, (0, 0, 200, 300))
    assert pair([region(80, 20, 120, 60)], [body]) == {0: 0}
    assert pair([region(80, 200, 120, 240)], [body]) == {}
    assert pair([region(80, 20, 120, 60)], [Seen((500, 0, 540, 40), (0, 0, 200, 300))]) == {}
    assert pair([region(5, 5, 200, 290, kind="body")], [body, Seen((5, 5, 200, 290), None)]) == {0: 0}


def test_an_uncertain_region_needs_more() -> None:
    seen = [face(30, 0, 130, 100)]
    assert pair([region(0, 0, 100, 100)], seen) == {0: 0}
    assert pair([region(0, 0, 100, 100, certain=False)], [face(40, 0, 140, 100)]) == {}
    assert pair([region(0, 0, 100, 100, certain=False)], seen) == {0: 0}


@given(st.lists(boxes(), max_size=6), st.lists(boxes(), max_size=6))
def test_one_to_one(regions: list[Box], seen: list[Box]) -> None:
    found = pair([region(*box) for box in regions], [face(*box) for box in seen])
    assert len(set(found.values())) == len(found)
    assert pair([region(*box) for box in regions], [face(*box) for box in regions]).keys() == set(range(len(regions)))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_writer_that_confused_the_frames_is_understood(orientation: int) -> None:
    frame = Frame(480, 640, orientation) if orientation >= 5 else Frame(640, 480, orientation)
    box = (300.0, 50.0, 400.0, 150.0)
    right = mark_of(Region("Ana", box), frame)
    wrong = Mark("Ana", frame.parts(box))
    for mark, exchanged in ((right, False), (wrong, True)):
        regions, told = placed([mark], frame, [face(*box)])
        assert told is exchanged and regions[0].box == pytest.approx(box)
    # Where nothing is met in either reading, the rule of the format holds.
    regions, told = placed([wrong], frame, [face(200, 200, 210, 210)])
    assert not told and regions[0].box != pytest.approx(box)
