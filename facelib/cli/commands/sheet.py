"""``facelib sheet``: the people and their faces over the years, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options


@click.command()
@click.argument("out", metavar="OUT.html", type=click.Path(path_type=Path))
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Also people without a name, and hidden ones.")
@click.option("--faces", type=click.IntRange(1, 100), default=8, show_default=True, metavar="N", help="Faces of one person and year.")
@common_options
@pass_context
def sheet(context: Context, out: Path, names: tuple[str, ...], everyone: bool, faces: int) -> None:
    """Write a contact sheet of the people, one file to keep or print: of these, or of all, with their faces year by year.

    The file needs nothing beside it and holds no paths, file names or places. It can be read by you alone until you
    give it to others. A sheet that is there is written anew; any other file is left alone.
    """
    from facelib.cli.progress import Step
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
            raise InputError("there is nobody to show: nobody has a name yet", "name people with facelib review, or add --all")
        found = []
        with context.progress("people") as line:
            for number, section in enumerate(contact_sheet.sections(gallery, rows, faces), start=1):
                found.append(section)
                line.show(Step("sheet", number, len(rows)))
    size = contact_sheet.write(out, contact_sheet.render(found))
    if context.json:
        context.output.record({"schema": 1, "sheet": str(out.absolute()), "people": len(found), "bytes": size})
    else:
        context.output.note(f"{len(found)} {'person' if len(found) == 1 else 'people'}, {size / 1e6:.1f} MB: {out}")
