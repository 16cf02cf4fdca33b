"""The table of commands: what help shows, and what loading it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facelib import __version__
from facelib.cli.main import COMMANDS, cli

HEAVY = {"torch", "torchvision", "facenet_pytorch", "sklearn", "scipy", "openvino", "PIL", "pillow_heif", "tqdm", "numpy"}


def loaded_by(*arguments: str) -> set[str]:
    """The heavy modules a command line loads, in a fresh Python."""
    program = (
        "import sys; from facelib.cli.main import cli; from facelib.cli.error_handling import run\n"
        f"code = run(cli, {list(arguments)!r}); assert code == 0, code\n"
        f"print('loaded:', *({HEAVY!r} & sys.modules.keys()))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(ended.stdout.rpartition("loaded:")[2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["index", "--help"], ["who", "--help"], ["models", "fetch", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(*arguments) == set()


@pytest.mark.parametrize("arguments", [["people"], ["people", "--drift"], ["status"], ["name", "c1", "--help"], ["models", "list"]])
def test_light_commands_load_no_networks(arguments: list[str], tmp_path: Path) -> None:
    from facelib.store.gallery import Gallery

    gallery = tmp_path / "gallery.sqlite"
    Gallery.write(gallery, "test").close()
    assert loaded_by("--gallery", str(gallery), *arguments) <= {"numpy"}


def test_help_lists_every_command(facelib) -> None:
    for flag in ("--help", "-h"):
        ended = facelib(flag)
        assert ended.code == 0
        for name, (_, text) in COMMANDS.items():
            assert f"  {name} " in ended.out
            assert text in " ".join(ended.out.split())


@pytest.mark.parametrize("arguments", [[], ["models"]])
def test_no_command_shows_help(arguments: list[str], facelib) -> None:
    ended = facelib(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: facelib")
    assert "\nCommands:\n" in ended.err


def test_version(facelib) -> None:
    ended = facelib("--version")
    assert (ended.code, ended.out) == (0, f"facelib {__version__}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_the_table_says(name: str) -> None:
    import click

    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    first = (command.help or "").split("\n\n")[0].replace("\n", " ")
    assert first.startswith(COMMANDS[name][1].removesuffix("."))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_common_options(name: str, facelib) -> None:
    ended = facelib(name, "--help")
    assert ended.code == 0
    for option in ("--gallery PATH", "--config PATH", "--quiet", "--verbose", "--json", "-h, --help"):
        assert option in ended.out


def test_a_near_name_is_suggested(facelib) -> None:
    ended = facelib("poeple")
    assert ended.code == 2
    assert "did you mean 'people'?" in ended.err
