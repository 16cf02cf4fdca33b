"""``facelib completion``: command completion for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from facelib.cli.context import Context, pass_context
from facelib.cli.error_handling import COMPLETION_VARIABLE
from facelib.cli.options import common_options


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common_options
@click.pass_context
@pass_context
def completion(context: Context, click_context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    For bash, add this line to ~/.bashrc:  eval "$(facelib completion bash)"
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click.Choice accepts only known shells"
    root = click_context.find_root()
    script = kind(root.command, {}, "facelib", COMPLETION_VARIABLE).source()
    context.output.line(script.rstrip("\n"))
