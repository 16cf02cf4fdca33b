"""No command changes anything with ``--dry-run``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.three_people import Run, state

DRY = [
    ["merge", "Ana", "Ben"],
    ["merge", "Ana", "c3"],
    ["split", "Ana", "--faces", "1"],
    ["confirm", "Ana", "2"],
    ["reject", "Ana", "1"],
    ["hide", "Ana"],
    ["unhide", "c3"],
    ["undo"],
    ["undo", "2"],
    ["name", "c3", "Cem"],
    ["forget", "Ana"],
    ["forget", "--all"],
]


@pytest.mark.parametrize("command", DRY, ids="-".join)
def test_a_dry_run_changes_nothing(run: Run, path: Path, command: list[str]) -> None:
    before = state(path)
    ended = run(*command, "--dry-run")
    assert ended.code == 0, ended.err
    assert state(path) == before
