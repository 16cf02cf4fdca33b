"""``facelib find``: all, any, only and without; links never replace a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.three_people import SEEN, Run


def test_find(run: Run, pictures: Path) -> None:
    paths = [str(pictures / f"{name}.jpg") for name in SEEN]
    assert run("find", "ana").out.splitlines() == paths[:3]
    assert run("find", "Ana", "BEN", "-0").out == "\0".join(paths[:2]) + "\0"
    assert run("find", "Ana", "--without", "Ben").out.splitlines() == [paths[2]]
    assert run("find", "Ben", "c3", "--only", "--count").out == "1\n"
    assert run("find", "Ana", "Ben", "--any", "--count", "--json").out == '{"schema": 1, "photos": 4}\n'
    assert json.loads(run("find", "c3", "--json").out.splitlines()[1])["people"] == []
    ended = run("find", "Ana", "--since", "2020")
    assert (ended.code, ended.out) == (0, "") and "no photos" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--only", "--without", "Ana"], ["Ana", "--since", "today"], ["Ana", "--until", "2020-13"], ["Ana", "--min-standing", "sure"]],
)
def test_find_refuses(run: Run, arguments: list[str]) -> None:
    assert run("find", *arguments).code == 2


def test_links_never_replace_anything(run: Run, pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "a.jpg").write_text("mine")
    assert "3 links made" in run("find", "Ana", "--link-to", folder).err
    assert (folder / "a.jpg").read_text() == "mine"
    assert {link.name: link.read_text() for link in folder.iterdir() if link.is_symlink()} == {"a-2.jpg": "a", "b.jpg": "b", "c.jpg": "c"}
    assert "0 links made" in run("find", "Ana", "--link-to", folder).err
    assert len(list(folder.iterdir())) == 4
    assert run("find", "Ana", "--link-to", pictures / "a.jpg").code == 2
