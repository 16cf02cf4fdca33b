"""``facelib reject``: faces given by photo or by id lose a name, and ``confirm`` gives it back."""

from __future__ import annotations

from pathlib import Path

from tests.cli.three_people import Run, names_on


def test_rejecting_by_photo_and_by_id(run: Run, pictures: Path) -> None:
    assert run("reject", "Ana", pictures / "a.jpg").out == "1 face is not Ana (p1)\n"
    assert names_on(run, "a") == [None, "Ben"]
    assert run("reject", "ben", "2", "4").out == "2 faces are not Ben (p2)\n"
    assert names_on(run, "a") == [None, None]
    assert run("confirm", "Ana", "1").out == "1 face is Ana (p1)\n"
    assert names_on(run, "a") == ["Ana", None]
