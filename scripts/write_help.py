"""Write the command reference of README.md from the commands themselves, so that it can never differ from the program.

    python scripts/write_help.py

The options every command takes are shown once, with the program's own help.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from pathlib import Path

import click

from facelib.cli.main import cli
from facelib.cli.options import common_options

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- commands: written by scripts/write_help.py -->\n", "<!-- end of commands -->\n"
WIDTH = 100


def text() -> str:
    """The whole reference."""
    return "\n".join(f"```text\n{help_of(command, path)}\n```\n" for path, command in commands(cli, "facelib"))


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, with the words that call each."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{path} {name}")


def help_of(command: click.Command, path: str) -> str:
    """The help text of a command, without what it shares with all others."""
    shown = copy.copy(command)
    if command is not cli:
        shared = {parameter.name for parameter in common_options(click.Command("none")).params}
        shown.params = [parameter for parameter in command.params if parameter.name not in shared]
        shown.add_help_option = False
    return shown.get_help(click.Context(shown, info_name=path, terminal_width=WIDTH)).rstrip()


def renewed(readme: str) -> str:
    """The README with the reference between its marks replaced."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin and end, "README.md has lost the marks of its command reference"
    return f"{before}{begin}\n{text()}\n{end}{after}"


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
