"""``facelib name``: give a person a name."""

from __future__ import annotations

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.correcting import correcting, dry_run_option
from facelib.cli.options import common_options
from facelib.cli.output import visible


@click.command()
@click.argument("target", metavar="ID")
@click.argument("name", metavar="NAME")
@dry_run_option
@common_options
@pass_context
def name(context: Context, target: str, name: str, dry_run: bool) -> None:
    """Give cluster or person ID the name NAME.

    ID is 7 or c7 for cluster 7, p3 for person 3, or a name to change; 'facelib people' prints these ids. A cluster
    or person without a name that is given a name somebody has already becomes theirs. Two people of one name are told
    apart by a qualifier in brackets: 'Ana (school)'.
    """
    from facelib.store import corrections, people

    with correcting(context, "name", dry_run) as gallery:
        found = people.resolve(gallery, target)
        present = people.find(gallery, name)
        if found.kind == "cluster":
            person = people.name_cluster(gallery, found.id, name)
        elif present is not None and present.id != found.id and people.names(gallery)[found.id] is None:
            person = corrections.merge(gallery, [people.Target("person", present.id), found])
        else:
            person = people.name_person(gallery, found.id, name)
    if context.json:
        context.output.record({"schema": 1, "person": {"id": person.id, "name": person.name}})
    elif not context.quiet:
        context.output.line(f"{visible(target)} is {visible(person.name or '')} (p{person.id})")
