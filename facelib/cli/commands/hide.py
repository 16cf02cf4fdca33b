"""``facelib hide`` and ``facelib unhide``: leave people out of lists, or list them again."""

from __future__ import annotations

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import dry_run_option, open_for_correction, print_result, title
from facelib.cli.options import common_options


@click.command()
@click.argument("targets", metavar="ID...", nargs=-1, required=True)
@dry_run_option
@common_options
@pass_context
def hide(context: Context, targets: tuple[str, ...], dry_run: bool) -> None:
    """Hide people or clusters, such as strangers and posters, from 'facelib people'.

    'facelib people --all' still lists them. A cluster that belongs to a person means that person.
    """
    _hide(context, targets, True, dry_run)


@click.command()
@click.argument("targets", metavar="ID...", nargs=-1, required=True)
@dry_run_option
@common_options
@pass_context
def unhide(context: Context, targets: tuple[str, ...], dry_run: bool) -> None:
    """List hidden people again."""
    _hide(context, targets, False, dry_run)


def _hide(context: Context, targets: tuple[str, ...], hidden: bool, dry_run: bool) -> None:
    from facelib.store import corrections
    from facelib.store.people import resolve

    with open_for_correction(context, "hide" if hidden else "unhide", dry_run) as gallery:
        # All names are resolved before the first person is changed.
        for target in [resolve(gallery, text) for text in targets]:
            person = corrections.hide(gallery, target, hidden)
            print_result(context, person, f"{title(person)} is {'hidden' if hidden else 'listed'}", hidden=hidden)
