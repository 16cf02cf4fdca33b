"""``facelib confirm`` (and ``reject``): faces that do not exist, or are ambiguous, are refused and nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.three_people import Run, state


@pytest.mark.parametrize("what", ["99", "999999999999999999999999", "-1", "x.jpg", "", "."])
def test_faces_that_are_not_there(run: Run, path: Path, what: str) -> None:
    before = state(path)
    for command in ("confirm", "reject"):
        ended = run(command, "Ana", "--", what)
        assert ended.code == 2 and "Traceback" not in ended.err, ended.err
    assert state(path) == before


def test_a_photo_with_several_people_is_not_guessed_at(run: Run, pictures: Path) -> None:
    ended = run("confirm", "c3", pictures / "a.jpg")
    assert ended.code == 2 and "2 people are seen" in ended.err
