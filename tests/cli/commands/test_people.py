"""``facelib people``: one person, people together, and why a cluster is not listed."""

from __future__ import annotations

import json
from pathlib import Path

from facelib.store import unlisted
from facelib.store.gallery import Gallery
from tests.cli.three_people import Run


def test_together_and_one_person(run: Run) -> None:
    assert run("people", "--together", "Ana").out.splitlines()[0] == "3 photos together, also with:"
    assert run("people", "ben").out.splitlines()[1].split()[:2] == ["p2", "Ben"]


def test_people_leaves_out_who_is_none_and_says_why_with_all(run: Run, path: Path) -> None:
    with Gallery.write(path, "test") as gallery:
        unlisted.put_unlisted(gallery, [2, 3], {2: "mixed", 3: "one moment"}, [1, 2, 3])
    assert [json.loads(line)["clusters"] for line in run("people", "--json").out.splitlines()] == [[1], [2]]
    everybody = [json.loads(line) for line in run("people", "--all", "--json").out.splitlines()]
    assert [(row["clusters"], row["unlisted"]) for row in everybody] == [([1], None), ([2], None), ([3], "one moment")]
    assert "one occasion only" in run("people", "--all").out and "one occasion only" in run("people", "c3").out
