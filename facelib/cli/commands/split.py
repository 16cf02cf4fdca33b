"""``facelib split``: split a person or cluster into several people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import count_faces, dry_run_option, open_for_correction, parse_ids, record, title
from facelib.cli.options import common_options
from facelib.cli.output import visible
from facelib.errors import InputError

if TYPE_CHECKING:
    from facelib.store.gallery import Gallery
    from facelib.store.people import Target


@click.command()
@click.argument("target", metavar="ID")
@click.option("--faces", "which", metavar="ID,ID...", help="Move these observations to a new person.")
@click.option("--into", type=click.IntRange(min=2, max=100), metavar="N", help="Split into N people by similarity of faces.")
@dry_run_option
@common_options
@pass_context
def split(context: Context, target: str, which: str | None, into: int | None, dry_run: bool) -> None:
    """Split a person or cluster into several people; no later run joins them again.

    Without an option, a person with several clusters is split into these, and a single cluster is split with a stricter
    threshold. The largest part keeps the name; each other part becomes an unnamed person. Try --dry-run first.
    """
    from facelib.store import corrections
    from facelib.store.people import members, resolve

    if which is not None and into is not None:
        raise InputError("--faces and --into exclude each other")
    with open_for_correction(context, "split", dry_run) as gallery:
        source = resolve(gallery, target)
        parts = [parse_ids(which)] if which is not None else _parts(context, gallery, source, into)
        made = corrections.divide(gallery, source, parts)
        remaining = len(members(gallery, [source]))
        if context.json:
            for person, part in zip(made, parts, strict=True):
                context.output.record(record(person, observations=part))
        elif not context.quiet:
            context.output.line(visible(f"{target} keeps {count_faces(remaining)}"))
            for person, part in zip(made, parts, strict=True):
                context.output.line(f"{title(person)} has {count_faces(len(part))}; name it with: facelib name p{person.id} NAME")


def _parts(context: Context, gallery: Gallery, target: Target, into: int | None) -> list[list[int]]:
    from facelib.cli.run_setup import setup_for
    from facelib.stages.split import parts

    return parts(gallery, setup_for(gallery.models(), context.settings), target, into)
