"""``facelib hide`` and ``facelib unhide``: leave people out of lists, and take them in again."""

from __future__ import annotations

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.correcting import correcting, dry_run_option, tell, title
from facelib.cli.options import common_options


@click.command()
@click.argument("targets", metavar="ID...", nargs=-1, required=True)
@dry_run_option
@common_options
@pass_context
def hide(context: Context, targets: tuple[str, ...], dry_run: bool) -> None:
    """Leave people or clusters, such as strangers and posters, out of 'facelib people'.

    'facelib people --all' still lists them. The person a cluster belongs to is meant, if it has one.
    """
    _hide(context, targets, True, dry_run)


@click.command()
@click.argument("targets", metavar="ID...", nargs=-1, required=True)
@dry_run_option
@common_options
@pass_context
def unhide(context: Context, targets: tuple[str, ...], dry_run: bool) -> None:
    """List people again who were hidden."""
    _hide(context, targets, False, dry_run)


def _hide(context: Context, targets: tuple[str, ...], hidden: bool, dry_run: bool) -> None:
    from facelib.store import corrections
    from facelib.store.people import resolve

    with correcting(context, "hide" if hidden else "unhide", dry_run) as gallery:
        # All are known before the first is changed.
        for found in [resolve(gallery, text) for text in targets]:
            person = corrections.hide(gallery, found, hidden)
            tell(context, person, f"{title(person)} is {'hidden' if hidden else 'listed'}", hidden=hidden)
