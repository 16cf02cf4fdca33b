"""In every command: impossible names are refused, odd names are only names, ambiguous names are explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facelib.store import people
from facelib.store.gallery import Gallery
from tests.cli.three_people import Run, state

BAD = {
    "empty": "",
    "blank": " \t ",
    "very-long": "x" * 201,
    "control": "A\x1b[31mna",
    "newline": "A\nna",
    "nul-like": "A\x00na",
    "override": "A\u202ena",
    "cluster-id": "c7",
    "person-id": "P3",
    "number": "12",
    "invisible": "\u200b",
}
ODD = {
    "hebrew": "שרה",
    "arabic": "ليلى",
    "path-like": "../../etc/passwd",
    "absolute": "/etc/passwd",
    "option-like": "-rf",
    "long-option": "--yes",
    "sql": "Robert'); DROP TABLE people;--",
    "html": "<img src=x onerror=alert(1)>",
    "wildcard": "%_*",
    "quotes": "O\"Hara 'n' `x`",
    "percent": "%s%n{0}",
    "emoji": "👩‍👧 Ana",
    "longest": "ä" * 200,
    "qualifier": "Ana (school)",
}
NAMING = [["name", "c3"], ["name", "Ana"], ["enroll"]]
ASKING = [
    ["find"],
    ["people"],
    ["people", "--together"],
    ["merge", "c3"],
    ["split"],
    ["hide"],
    ["unhide"],
    ["forget", "--yes"],
    ["find", "Ana", "--without"],
    ["verify"],
    ["confirm"],
    ["reject"],
]


def after(command: list[str], name: str) -> list[str]:
    """A command line with a name: behind ``--`` unless it is the value of an option."""
    rest = {"enroll": ["photo.jpg"], "verify": ["photo.jpg"], "confirm": ["1"], "reject": ["1"]}.get(command[0], [])
    return [*command, name] if command[-1] == "--without" else [*command, "--", name, *rest]


@pytest.mark.parametrize("command", NAMING, ids=" ".join)
@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_what_cannot_be_a_name(run: Run, path: Path, command: list[str], name: str) -> None:
    before = state(path)
    if command == ["enroll"] and name == "P3":
        name = "P9"
    line = after(command, name) if command == ["enroll"] else [*command[:1], "--", command[1], name]
    ended = run(*line)
    assert ended.code == 2, ended.err
    assert "Traceback" not in ended.err and "\x1b" not in ended.err and "\u202e" not in ended.err
    assert state(path) == before


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_nobody_is_called_that(run: Run, path: Path, command: list[str]) -> None:
    before = state(path)
    for name in [*BAD.values(), *(text for key, text in ODD.items() if key != "qualifier"), "Zoë"]:
        ended = run(*after(command, name))
        assert ended.code == 2, (name, ended.out, ended.err)
        assert "Traceback" not in ended.err and "\x1b" not in ended.err and "\u202e" not in ended.err
        assert len(ended.err.splitlines()) <= 2
    assert state(path) == before


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_odd_names_are_only_names(run: Run, path: Path, name: str) -> None:
    assert run("name", "--", "c3", name).code == 0
    with Gallery.read(path) as gallery:
        found = people.find(gallery, name)
        assert found is not None and found.name == name
    assert run("find", "--count", "--", name).out == "3\n"
    assert run("people", "--", name).out.count("\n") == 2
    assert json.loads(run("people", "--json", "--", name).out)["person"]["name"] == name
    assert run("hide", "--", name).code == 0
    assert run("undo").code == 0
    assert run("forget", "--yes", "--", name).code == 0
    assert run("find", "--", name).code == 2 and run("find", "Ana").code == 0


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_an_ambiguous_name_says_who_may_be_meant(run: Run, path: Path, command: list[str]) -> None:
    run("name", "Ana", "Kim (school)")
    run("name", "Ben", "Kim (work)")
    before = state(path)
    command = [word if word != "Ana" else "p1" for word in command]
    ended = run(*after(command, "kim"))
    assert ended.code == 2
    assert "may be any of 2 people" in ended.err and "'Kim (school)' (p1), 'Kim (work)' (p2)" in ended.err
    assert state(path) == before


def test_names_are_the_same_in_any_case_and_composition(run: Run) -> None:
    run("name", "c3", "Zoë")
    assert run("find", "ZOE\u0308", "--count").out == "3\n"
    assert run("name", "Ana", "zoE\u0308").code == 2
