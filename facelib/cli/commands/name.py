"""``facelib name``: give a person a name."""

from __future__ import annotations

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import dry_run_option, open_for_correction
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA, visible


@click.command()
@click.argument("target", metavar="ID")
@click.argument("name", metavar="NAME")
@dry_run_option
@common_options
@pass_context
def name(context: Context, target: str, name: str, dry_run: bool) -> None:
    """Name the person or cluster ID, or change the name.

    ID is 7 or c7 for cluster 7, p3 for person 3, or a name to change; 'facelib people' prints these ids. If a person NAME
    exists already, an unnamed cluster or person becomes part of that person. Two people with the same name need a qualifier
    in brackets: 'Ana (school)'.
    """
    from facelib.store import corrections, people

    with open_for_correction(context, "name", dry_run) as gallery:
        chosen = people.resolve(gallery, target)
        present = people.find(gallery, name)
        if chosen.kind == "cluster":
            person = people.name_cluster(gallery, chosen.id, name)
        elif present is not None and present.id != chosen.id and people.names(gallery)[chosen.id] is None:
            person = corrections.merge(gallery, [people.Target("person", present.id), chosen])
        else:
            person = people.name_person(gallery, chosen.id, name)
    if context.json:
        context.output.record({"schema": SCHEMA, "person": {"id": person.id, "name": person.name}})
    elif not context.quiet:
        context.output.line(f"{visible(target)} is {visible(person.name or '')} (p{person.id})")
