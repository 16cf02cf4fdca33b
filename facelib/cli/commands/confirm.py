"""``facelib confirm``: say that faces are a person."""

from __future__ import annotations

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.correcting import correcting, dry_run_option, faces, judged, tell, title
from facelib.cli.options import common_options


@click.command()
@click.argument("target", metavar="ID")
@click.argument("which", metavar="OBSERVATION...", nargs=-1, required=True)
@dry_run_option
@common_options
@pass_context
def confirm(context: Context, target: str, which: tuple[str, ...], dry_run: bool) -> None:
    """Say that these faces are the person ID, for good.

    OBSERVATION is the id of a face, which 'facelib explain PHOTO' shows, or a photo in which the person is seen once.
    """
    from facelib.store import corrections

    with correcting(context, "confirm", dry_run) as gallery:
        person_id, cluster_id, ids = judged(gallery, target, which)
        person = corrections.confirm(gallery, person_id, ids, cluster_id)
        tell(context, person, f"{faces(len(ids))}: {title(person)}", observations=ids)
