"""``facelib sheet``: a contact sheet of people and their faces over the years."""

from __future__ import annotations

from pathlib import Path

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA


@click.command()
@click.argument("out", metavar="OUT.html", type=click.Path(path_type=Path))
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Also show unnamed and hidden people.")
@click.option("--faces", type=click.IntRange(1, 100), default=8, show_default=True, metavar="N", help="Faces per person and year.")
@common_options
@pass_context
def sheet(context: Context, out: Path, names: tuple[str, ...], everyone: bool, faces: int) -> None:
    """Write a contact sheet of the people: one HTML file to keep or print.

    With names, only these people are shown; without, all people who have a name. Each has their faces year by year. The file
    is self-contained and has no paths, file names or places. Only you can read it until you share it. An existing sheet is
    replaced; any other file is not.
    """
    from facelib.cli.progress import ProgressEvent
    from facelib.errors import InputError
    from facelib.model_zoo.thresholds_in_force import thresholds_in_force
    from facelib.review import contact_sheet
    from facelib.store import people
    from facelib.store.gallery import Gallery

    with Gallery.read(context.gallery) as gallery:
        thresholds, _ = thresholds_in_force(gallery.models(), context.settings)
        rows = people.people_rows(gallery, everyone or bool(names), thresholds.min_cluster_size)
        if names:
            wanted = [people.resolve(gallery, name) for name in names]
            rows = [row for row in rows if row.is_any_of(wanted)]
        elif not everyone:
            rows = [row for row in rows if row.name is not None]
        if not rows:
            raise InputError("there are no named people to show", "name people with facelib review, or add --all")
        sections = []
        with context.progress("people") as line:
            for number, section in enumerate(contact_sheet.sections(gallery, rows, faces), start=1):
                sections.append(section)
                line.show(ProgressEvent("sheet", number, len(rows)))
    size = contact_sheet.write(out, contact_sheet.render(sections))
    if context.json:
        context.output.record({"schema": SCHEMA, "sheet": str(out.absolute()), "people": len(sections), "bytes": size})
    else:
        context.output.note(f"{len(sections)} {'person' if len(sections) == 1 else 'people'}, {size / 1e6:.1f} MB: {out}")
