"""``facelib split``: by faces, by similarity, or by clusters."""

from __future__ import annotations

from tests.cli.three_people import Run, names_on


def test_splitting(run: Run) -> None:
    ended = run("split", "Ana", "--faces", "1,5")
    assert ended.out == "Ana keeps 1 face\np3 has 2 faces; name it with: facelib name p3 NAME\n"
    assert run("name", "p3", "Cem").code == 0
    assert names_on(run, "a") == ["Cem", "Ben"]
    assert run("split", "Ana", "--faces", "2").code == 2
    assert run("split", "Ana", "--faces", "x").code == 2
    assert run("split", "Ana", "--faces", "1", "--into", "2").code == 2


def test_splitting_by_looks(run: Run) -> None:
    run("merge", "Ana", "Ben", "--yes")
    ended = run("split", "Ana", "--into", "2")
    assert ended.code == 0, ended.err
    assert names_on(run, "a")[0] != names_on(run, "a")[1]
    ended = run("split", "c3", "--into", "50")
    assert ended.code == 2 and "does not come apart into 50 parts" in ended.err


def test_a_person_of_several_clusters_falls_into_these(run: Run) -> None:
    run("merge", "Ana", "c3")
    assert run("split", "Ana", "--dry-run").code == 0
    assert names_on(run, "f") == ["Ana"]
    assert run("split", "Ana").out.startswith("Ana keeps 3 faces\np3 has 3 faces")
    assert run("undo").out == "undone: split 3 faces from p1\n"
    assert names_on(run, "f") == ["Ana"]
