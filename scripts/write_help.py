"""Write the command reference, facelib/cli/README.md, from the commands themselves, so that it can never differ from the program.

    python scripts/write_help.py

The options that every command takes are shown once, with the program's own help.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from pathlib import Path

import click

from facelib.cli.main import cli
from facelib.cli.options import common_options

TARGET = Path(__file__).resolve().parents[1] / "facelib" / "cli" / "README.md"
WIDTH = 100

HEAD = """\
# All commands and options

Written by `scripts/write_help.py` from the commands; `facelib COMMAND --help` prints the same. Every command takes the options of
the first block, before its name or after it.
"""


def text() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(f"## `{path}`\n\n```text\n{help_of(command, path)}\n```\n" for path, command in commands(cli, "facelib"))])


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


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    TARGET.write_text(text(), encoding="utf-8")
