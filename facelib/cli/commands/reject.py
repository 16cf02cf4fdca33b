"""``facelib reject``: say that faces are not a person."""

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
def reject(context: Context, target: str, which: tuple[str, ...], dry_run: bool) -> None:
    """Say that these faces are not the person ID, or not of that cluster, for good.

    OBSERVATION is the id of a face, which 'facelib explain PHOTO' shows, or a photo in which the person is seen once. If
    these faces are all of one other person, 'facelib split' keeps them together.
    """
    from facelib.store import corrections

    with correcting(context, "reject", dry_run) as gallery:
        person_id, cluster_id, ids = judged(gallery, target, which)
        person = corrections.reject(gallery, person_id, cluster_id, ids)
        tell(context, person, f"{faces(len(ids))}: not {title(person)}", observations=ids)
