"""Regions in and out of the frames of other programs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.exchange.orientation import Frame
from facelib.exchange.regions import (
    FileRegion,
    Region,
    area_from_center,
    area_from_corner,
    box_iou,
    clean_name,
    merge_regions,
    same_name,
    to_file_region,
    to_region,
)
from tests.foreign import NAMES, boxes


@given(st.integers(1, 8), boxes(), NAMES, st.booleans())
def test_a_region_comes_back_from_either_frame(orientation: int, box: tuple[float, float, float, float], name: str, upright: bool) -> None:
    frame = Frame(640, 480, orientation)
    region = Region(clean_name(name), box)
    file_region = to_file_region(region, frame, frame.upright if upright else None)
    back = to_region(file_region, frame)
    assert back is not None and back.name == region.name and back.certain
    assert back.box == pytest.approx(box, abs=1e-6)


def test_the_curies_are_where_they_are() -> None:
    # The same photo in two orientations, as exiftool wrote its regions (pigallery2's samples).
    upside_down = to_region(FileRegion("Marie", area_from_center(0.631548, 0.692143, 0.113095, 0.198571), (840, 700)), Frame(840, 700, 3))
    on_its_side = to_region(FileRegion("Marie", area_from_center(0.307857, 0.631548, 0.198571, 0.113095), (700, 840)), Frame(840, 700, 6))
    assert upside_down is not None and on_its_side is not None
    assert upside_down.box == pytest.approx(on_its_side.box, abs=0.01)


def test_a_cropped_photo_makes_a_region_uncertain() -> None:
    region = to_region(FileRegion("Ana", (0.1, 0.1, 0.3, 0.3), (500, 500)), Frame(640, 480))
    assert region is not None and not region.certain
    with pytest.raises(ValueError, match="cannot be joined"):
        to_file_region(region, Frame(640, 480), (500, 500))


def test_a_region_outside_is_none() -> None:
    assert to_region(FileRegion("Ana", (-0.4, 0.1, -0.1, 0.3)), Frame(640, 480)) is None
    assert (
        area_from_center(8, 8, 8, 8) is None
        and area_from_corner(0.1, 0.1, 0, 0.1) is None
        and area_from_center(float("nan"), 0, 1, 1) is None
    )


def test_confused_frames_can_be_tried() -> None:
    file_region = FileRegion("Ana", (0.1, 0.1, 0.2, 0.3))
    region = to_region(file_region, Frame(100, 100, 3), swapped=True)
    assert region is not None and region.box == pytest.approx((10, 10, 20, 30))


def test_names_for_nobody() -> None:
    assert [clean_name(name) for name in (None, "", " \n ", "Unknown", "f" * 16, "\x07")] == [None] * 6
    assert clean_name("  Ana\nMaria ") == "Ana Maria"
    assert same_name("ANA", "ana") and same_name("José", "José") and not same_name("", "") and not same_name("Ana", "Ben")


@given(boxes(), boxes())
def test_overlap_is_symmetric(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> None:
    assert box_iou(a, b) == box_iou(b, a) and 0 <= box_iou(a, b) <= 1
    assert box_iou(a, a) == pytest.approx(1)


def test_each_face_is_kept_once() -> None:
    area, near = (0.1, 0.1, 0.3, 0.3), (0.11, 0.1, 0.3, 0.31)
    kept = merge_regions([FileRegion(None, area), FileRegion("Ben", near, source="microsoft"), FileRegion("Ana", (0.6, 0.6, 0.8, 0.8))])
    assert [(region.name, region.source) for region in kept] == [("Ben", "mwg"), ("Ana", "mwg")]
