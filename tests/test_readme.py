"""The README says what the program does: docs are tests."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import click
import pytest

from facelib.cli.main import cli
from facelib.errors import ExitCode
from facelib.model_zoo import registry
from facelib.settings import INDEX_KEYS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "write_help.py"))
COMMANDS = dict(SCRIPT["commands"](cli, "facelib"))
BEFORE_REFERENCE = README.partition(SCRIPT["BEGIN"])[0]


def test_the_command_reference_is_what_the_commands_say() -> None:
    assert SCRIPT["renewed"](README) == README, "run: python scripts/write_help.py"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_occurs(path: str) -> None:
    assert path in README
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option):
            assert all(option in README for option in parameter.opts)


def test_commands_shown_exist() -> None:
    """Each ``facelib ...`` in a shell block names a command, and options which that command takes."""
    shown = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
    calls = [match for line in shown for match in re.findall(r"(?:^|[|&;] *|\$\()facelib ([^#|;&>)]*)", line)]
    assert calls
    for call in calls:
        words = call.split()
        names = [word for word in words if re.fullmatch("[a-z]+", word)]
        path = max((path for path in COMMANDS if path.split()[1:] == names[: len(path.split()) - 1]), key=len)
        assert path != "facelib" or set(words) <= {"--help", "--version"}, call
        known = {option for part in (COMMANDS[path], cli) for parameter in part.params for option in parameter.opts}
        assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known, call


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_listed(code: ExitCode) -> None:
    assert re.search(rf"^\| {int(code)} \|", README, re.MULTILINE)


@pytest.mark.parametrize("card", registry.CARDS.values(), ids=lambda card: card.name)
def test_every_model_and_its_licence_is_listed(card: registry.ModelCard) -> None:
    (row,) = re.findall(rf"^\| `{re.escape(card.name)}` \|.*$", README, re.MULTILINE)
    assert card.task in row
    assert card.licence_weights in row


def test_every_key_of_the_index_table_is_listed() -> None:
    for key in INDEX_KEYS:
        assert f"`{key}`" in README


def test_the_two_commands_and_the_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "pip install . && facelib index ~/Photos" in README
    assert "pip install -e '.[dev]' && python -m pytest" in README
    for extra in project["optional-dependencies"]:
        assert f"`{extra}`" in README
    assert project["license"] in README
