"""Boxes and names on a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facelib.who.drawing import COLOURS, Label, draw, save

GREY = (90, 90, 90)


def test_a_box_is_drawn_in_the_colour_of_its_standing() -> None:
    plain = Image.new("RGB", (400, 300), GREY)
    drawn = np.asarray(draw(plain, [Label((100, 50, 200, 150), "", "likely")]))
    assert tuple(drawn[100, 100]) == COLOURS["likely"] and tuple(drawn[100, 150]) == GREY
    assert np.array_equal(np.asarray(plain), np.full((300, 400, 3), 90)), "the picture given stays as it was"


def test_unknown_people_are_boxes_without_a_name() -> None:
    drawn = np.asarray(draw(Image.new("RGB", (400, 300), GREY), [Label((100, 50, 200, 150), "", "unknown")]))
    assert (drawn[160:] == 90).all()


@pytest.mark.parametrize("box", [(0, 0, 60, 290), (350, 0, 400, 60), (-20, 250, 90, 320)])
def test_a_name_stays_inside_the_picture(box: tuple[float, ...]) -> None:
    drawn = np.asarray(draw(Image.new("RGB", (400, 300), GREY), [Label(box, "Ana", "certain")]))  # type: ignore[arg-type]
    assert (drawn.min(axis=2) > 150).sum() > 20, "white letters are seen"


@given(st.text(max_size=60), st.integers(1, 300), st.integers(1, 300))
def test_any_name_can_be_drawn_on_any_picture(name: str, width: int, height: int) -> None:
    draw(Image.new("RGB", (width, height)), [Label((0, 0, width, height), name, "certain")])


def test_saving_replaces_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.jpg"
    save(Image.new("RGB", (20, 20)), target)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError):
        save(Image.new("RGB", (20, 20)), tmp_path / "out.nonsense")
    assert [path.name for path in tmp_path.iterdir()] == ["out.jpg"]
