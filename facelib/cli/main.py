"""The command ``facelib`` and the table of its commands; each is imported only when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

import click

from facelib import __version__
from facelib.cli.error_handling import run, silence_libraries
from facelib.cli.options import common_options

COMMANDS: dict[str, tuple[str, str]] = {
    "index": ("facelib.cli.commands.index:index", "Find the people in the photos of these folders."),
    "who": ("facelib.cli.commands.who:who", "Say who is in these photos."),
    "faces": ("facelib.cli.commands.faces:faces", "Show the faces found in these photos."),
    "people": ("facelib.cli.commands.people:people", "List the people of the gallery."),
    "find": ("facelib.cli.commands.find:find", "Print the photos that show all of these people."),
    "name": ("facelib.cli.commands.name:name", "Name the person or cluster ID, or change the name."),
    "review": ("facelib.cli.commands.review:review", "Name and correct people on a local page in your browser."),
    "sheet": ("facelib.cli.commands.sheet:sheet", "Write a contact sheet of the people: one HTML file to keep or print."),
    "merge": ("facelib.cli.commands.merge:merge", "Merge people and clusters into one person."),
    "split": ("facelib.cli.commands.split:split", "Split a person or cluster into several people."),
    "confirm": ("facelib.cli.commands.confirm:confirm", "Say that these faces show the person ID."),
    "reject": ("facelib.cli.commands.reject:reject", "Say that these faces do not show the person ID."),
    "hide": ("facelib.cli.commands.hide:hide", "Hide people or clusters, such as strangers and posters, from 'facelib people'."),
    "unhide": ("facelib.cli.commands.hide:unhide", "List hidden people again."),
    "undo": ("facelib.cli.commands.undo:undo", "Undo the last N changes of people (default: 1)."),
    "forget": ("facelib.cli.commands.forget:forget", "Delete people."),
    "explain": ("facelib.cli.commands.explain:explain", "Say for each person in PHOTO why that person is recognised, or not."),
    "enroll": ("facelib.cli.commands.enroll:enroll", "Add reference photos of the person NAME."),
    "verify": ("facelib.cli.commands.verify:verify", "Say whether PHOTO shows the person NAME."),
    "status": ("facelib.cli.commands.status:status", "Show what is indexed, what failed, and with which models and thresholds."),
    "import": ("facelib.cli.commands.import_:import_", "Import names from other programs."),
    "export": ("facelib.cli.commands.export:export", "Export the people of all photos to other programs."),
    "models": ("facelib.cli.commands.models:models", "List, fetch, check and choose the models."),
    "doctor": ("facelib.cli.commands.doctor:doctor", "Check this installation and say how to fix it."),
    "completion": ("facelib.cli.commands.completion:completion", "Print the completion script of a shell."),
}
"""For each command, the function that implements it and one line of help, which needs no import."""


class LazyGroup(click.Group):
    """A group that imports the module of a command only when that command is called or completed."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, function = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, context: click.Context, arguments: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown name gets the nearest one in the table as a suggestion."""
        if arguments and arguments[0] not in COMMANDS and not arguments[0].startswith("-"):
            raise click.UsageError(_unknown(arguments[0]), context)
        return super().resolve_command(context, arguments)


def _unknown(name: str) -> str:
    import difflib

    similar = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"there is no command '{name}'" + (f"; did you mean '{similar[0]}'?" if similar else "")


@click.group(cls=LazyGroup, no_args_is_help=True, epilog="No data leaves this machine; only 'facelib models fetch' uses the network.")
@common_options
@click.version_option(__version__, prog_name="facelib", message="%(prog)s %(version)s", help="Show the version.")
def cli(**_: Any) -> None:
    """Find out who is in your photos, entirely on your own machine.

    Start with 'facelib index FOLDER'. Name the people with 'facelib review', on a page in your browser; 'facelib who PHOTO' then
    recognises them in any photo.
    """


def main() -> NoReturn:
    """Run the command line and exit with the documented exit code."""
    silence_libraries()
    sys.exit(run(cli, sys.argv[1:]))
