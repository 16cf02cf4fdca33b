"""``facelib merge``: two names need confirmation, clusters do not."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.three_people import Run, names_on, state


def test_merging_two_names_must_be_agreed_to(run: Run, path: Path) -> None:
    before = state(path)
    ended = run("merge", "ana", "Ben")
    assert (ended.code, state(path)) == (2, before)
    assert "--yes" in ended.err and "Ben (p2) part of Ana (p1)" in ended.err
    ended = run("merge", "ana", "Ben", "--yes")
    assert ended.code == 0 and ended.out == "ana, Ben are Ana (p1), 6 faces\n"
    assert names_on(run, "a") == ["Ana", "Ana"]


def test_merging_a_cluster_into_a_person_needs_no_question(run: Run) -> None:
    assert json.loads(run("merge", "Ana", "3", "--json").out) == {"schema": 1, "person": {"id": 1, "name": "Ana"}, "observations": 6}
    assert names_on(run, "f") == ["Ana"]
