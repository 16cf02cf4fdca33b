"""``facelib merge``: merge people and clusters into one person."""

from __future__ import annotations

import click

from facelib.cli.confirmation import require_confirmation
from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import count_faces, dry_run_option, open_for_correction, print_result, title, yes_option
from facelib.cli.options import common_options


@click.command()
@click.argument("targets", metavar="ID...", nargs=-1, required=True)
@dry_run_option
@yes_option
@common_options
@pass_context
def merge(context: Context, targets: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Merge people and clusters into one person.

    ID is c7 for cluster 7, p3 for person 3, or a name. The first name given is kept; clusters without a name become one
    unnamed person. Merging two people who both have a name needs confirmation.
    """
    from facelib.store import corrections
    from facelib.store.people import Target, members, resolve

    with open_for_correction(context, "merge", dry_run) as gallery:
        wanted = [resolve(gallery, text) for text in targets]
        owners = corrections.owners(gallery, wanted)
        stays = corrections.keeper(list(dict.fromkeys(wanted)), owners)
        others = [
            owner
            for target, owner in owners.items()
            if owner is not None and owner.name is not None and stays is not None and owner.id != stays.id and target.kind == "person"
        ]
        if others and stays is not None and not dry_run:
            require_confirmation(context, f"Make {', '.join(title(other) for other in others)} part of {title(stays)}?", yes)
        person = corrections.merge(gallery, wanted)
        number = len(members(gallery, [Target("person", person.id)]))
        advice = "" if person.name else f"; name them with: facelib name p{person.id} NAME"
        print_result(context, person, f"{', '.join(targets)} are {title(person)}, {count_faces(number)}{advice}", observations=number)
