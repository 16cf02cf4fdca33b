"""Regions find the people they are of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.exchange.matching import ObservedBoxes, match_regions, resolve_regions
from facelib.exchange.orientation import Frame
from facelib.exchange.regions import FileRegion, Region, to_file_region
from facelib.records import Box
from tests.foreign import boxes


def region(*box: float, kind: str = "face", certain: bool = True) -> Region:
    return Region("Ana", box, kind, certain=certain)  # type: ignore[arg-type]


def face(*box: float) -> ObservedBoxes:
    return ObservedBoxes(box, None)  # type: ignore[arg-type]


def test_by_overlap_the_best_first() -> None:
    regions = [region(0, 0, 100, 100), region(40, 0, 140, 100)]
    assert match_regions(regions, [face(38, 0, 138, 100), face(500, 0, 600, 100)]) == {1: 0}
    assert match_regions(regions, [face(40, 0, 140, 100), face(5, 0, 105, 100)]) == {0: 1, 1: 0}


def test_by_centre_where_boxes_differ_in_size() -> None:
    assert match_regions([region(0, 0, 100, 100)], [face(24, 24, 76, 76)]) == {0: 0}
    assert match_regions([region(0, 0, 100, 100)], [face(40, 40, 60, 60)]) == {}
    assert match_regions([region(0, 0, 100, 100)], [face(80, 80, 180, 180)]) == {}


def test_a_face_with_the_body_whose_face_was_not_seen() -> None:
    body = ObservedBoxes(None, (0, 0, 200, 300))
    assert match_regions([region(80, 20, 120, 60)], [body]) == {0: 0}
    assert match_regions([region(80, 200, 120, 240)], [body]) == {}
    assert match_regions([region(80, 20, 120, 60)], [ObservedBoxes((500, 0, 540, 40), (0, 0, 200, 300))]) == {}
    assert match_regions([region(5, 5, 200, 290, kind="body")], [body, ObservedBoxes((5, 5, 200, 290), None)]) == {0: 0}


def test_an_uncertain_region_needs_more() -> None:
    seen = [face(30, 0, 130, 100)]
    assert match_regions([region(0, 0, 100, 100)], seen) == {0: 0}
    assert match_regions([region(0, 0, 100, 100, certain=False)], [face(40, 0, 140, 100)]) == {}
    assert match_regions([region(0, 0, 100, 100, certain=False)], seen) == {0: 0}


@given(st.lists(boxes(), max_size=6), st.lists(boxes(), max_size=6))
def test_one_to_one(regions: list[Box], seen: list[Box]) -> None:
    found = match_regions([region(*box) for box in regions], [face(*box) for box in seen])
    assert len(set(found.values())) == len(found)
    assert match_regions([region(*box) for box in regions], [face(*box) for box in regions]).keys() == set(range(len(regions)))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_writer_that_confused_the_frames_is_understood(orientation: int) -> None:
    frame = Frame(480, 640, orientation) if orientation >= 5 else Frame(640, 480, orientation)
    box = (300.0, 50.0, 400.0, 150.0)
    right = to_file_region(Region("Ana", box), frame)
    wrong = FileRegion("Ana", frame.to_fractions(box))
    for file_region, swapped in ((right, False), (wrong, True)):
        regions, found_swapped = resolve_regions([file_region], frame, [face(*box)])
        assert found_swapped is swapped and regions[0].box == pytest.approx(box)
    # Where nothing is met in either reading, the rule of the format holds.
    regions, found_swapped = resolve_regions([wrong], frame, [face(200, 200, 210, 210)])
    assert not found_swapped and regions[0].box != pytest.approx(box)
