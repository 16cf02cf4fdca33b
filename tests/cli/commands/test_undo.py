"""``facelib undo``: walks back, lists, and asks before it undoes several changes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.three_people import Run, state


def test_undo_walks_back_and_lists(run: Run, path: Path) -> None:
    before = state(path)[:2]
    run("merge", "Ana", "Ben", "--yes")
    run("reject", "Ana", "1")
    ended = run("undo", "2")
    assert ended.code == 2 and "said that 1 face is not Ana" in ended.err and "--yes" in ended.err
    assert run("undo", "2", "--yes").out == "undone: said that 1 face is not Ana\nundone: merged p1, p2 into Ana\n"
    assert state(path)[:2] == before
    told = [json.loads(line) for line in run("undo", "--list", "--json").out.splitlines()]
    assert [(one["command"], one["undone"]) for one in told] == [("reject", True), ("merge", True), ("name", False), ("name", False)]
    assert run("undo", "3", "--yes").code == 2
    assert run("undo", "0").code == 2
    assert run("undo", "2", "--yes").code == 0
    ended = run("undo")
    assert ended.code == 2 and "nothing to undo" in ended.err
