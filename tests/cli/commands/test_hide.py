"""``facelib hide`` and ``unhide``: people leave the list and come back."""

from __future__ import annotations

from tests.cli.three_people import Run


def test_hiding_and_unhiding(run: Run) -> None:
    assert run("hide", "c3", "Ben").out == "p3 is hidden\nBen (p2) is hidden\n"
    assert [line.split()[0] for line in run("people").out.splitlines()[1:]] == ["p1"]
    assert len(run("people", "--all").out.splitlines()) == 4
    assert run("unhide", "p3", "ben").code == 0
    assert len(run("people", "--json").out.splitlines()) == 3
