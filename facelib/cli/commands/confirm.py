"""``facelib confirm``: say that faces show a person."""

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
def confirm(context: Context, target: str, which: tuple[str, ...], dry_run: bool) -> None:
    """Say that these faces show the person ID.

    OBSERVATION is the id of a face ('facelib explain PHOTO' shows it) or a photo that shows the person once. No later run
    changes what you say.
    """
    from facelib.store import corrections

    with open_for_correction(context, "confirm", dry_run) as gallery:
        person_id, cluster_id, ids = resolve_target(gallery, target, which)
        person = corrections.confirm(gallery, person_id, ids, cluster_id)
        print_result(context, person, f"{count_faces(len(ids))} {'is' if len(ids) == 1 else 'are'} {title(person)}", observations=ids)
