"""``facelib reject``: say that faces do not show a person."""

from __future__ import annotations

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import count_faces, dry_run_option, open_for_correction, print_result, resolve_target, title
from facelib.cli.options import common_options


@click.command()
@click.argument("target", metavar="ID")
@click.argument("which", metavar="OBSERVATION...", nargs=-1, required=True)
@dry_run_option
@common_options
@pass_context
def reject(context: Context, target: str, which: tuple[str, ...], dry_run: bool) -> None:
    """Say that these faces do not show the person ID, or do not belong to that cluster.

    OBSERVATION is the id of a face ('facelib explain PHOTO' shows it) or a photo that shows the person once. No later run
    changes what you say. If all these faces show one other person, use 'facelib split', which keeps them together.
    """
    from facelib.store import corrections

    with open_for_correction(context, "reject", dry_run) as gallery:
        person_id, cluster_id, ids = resolve_target(gallery, target, which)
        person = corrections.reject(gallery, person_id, cluster_id, ids)
        print_result(context, person, f"{count_faces(len(ids))} {'is' if len(ids) == 1 else 'are'} not {title(person)}", observations=ids)
