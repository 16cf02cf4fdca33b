"""``facelib split``: take a person or cluster apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.correcting import correcting, dry_run_option, faces, parse_ids, record, title
from facelib.cli.options import common_options
from facelib.cli.output import visible
from facelib.errors import InputError

if TYPE_CHECKING:
    from facelib.store.gallery import Gallery
    from facelib.store.people import Target


@click.command()
@click.argument("target", metavar="ID")
@click.option("--faces", "which", metavar="ID,ID...", help="Take out these observations; together they become a new person.")
@click.option("--into", type=click.IntRange(min=2, max=100), metavar="N", help="Take apart by looks, into N parts.")
@dry_run_option
@common_options
@pass_context
def split(context: Context, target: str, which: str | None, into: int | None, dry_run: bool) -> None:
    """Take a person or cluster apart; the parts stay apart in every later run.

    Without an option a person of several clusters falls into these, and a single cluster into the parts that a stricter
    threshold gives. The largest part keeps the name, each other becomes a person who waits for one. Try --dry-run first.
    """
    from facelib.store import corrections
    from facelib.store.people import members, resolve

    if which is not None and into is not None:
        raise InputError("--faces and --into exclude each other")
    with correcting(context, "split", dry_run) as gallery:
        found = resolve(gallery, target)
        parts = [parse_ids(which)] if which is not None else _parts(context, gallery, found, into)
        made = corrections.divide(gallery, found, parts)
        stays = len(members(gallery, [found]))
        if context.json:
            for person, part in zip(made, parts, strict=True):
                context.output.record(record(person, observations=part))
        elif not context.quiet:
            context.output.line(visible(f"{target} keeps {faces(stays)}"))
            for person, part in zip(made, parts, strict=True):
                context.output.line(f"{title(person)} has {faces(len(part))}; name it with: facelib name p{person.id} NAME")


def _parts(context: Context, gallery: Gallery, target: Target, into: int | None) -> list[list[int]]:
    from facelib.cli.run_setup import setup_for
    from facelib.stages.split import parts

    return parts(gallery, setup_for(gallery.models(), context.settings), target, into)
