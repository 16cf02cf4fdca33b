"""``facelib people``: the people of the gallery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.drift import show as show_drift
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA
from facelib.cli.table import Column
from facelib.cli.unlisted_reasons import reason_text
from facelib.errors import ExitCode, InputError

if TYPE_CHECKING:
    from facelib.store.gallery import Gallery
    from facelib.store.people import Target


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Also list strangers, posters and hidden people, with the reason.")
@click.option("--together", is_flag=True, help="List who else is in the photos that show all of these people.")
@click.option(
    "--drift",
    is_flag=True,
    help="Suggest people who may be two, and pairs who may be one person growing up, by their faces over the years.",
)
@common_options
@pass_context
def people(context: Context, names: tuple[str, ...], everyone: bool, together: bool, drift: bool) -> int:
    """List the people of the gallery: named people first, then unnamed ones, those with most faces first.

    The first column has the ids that 'facelib name' takes. With names, only these people are listed. Unnamed clusters with
    few faces, people seen on one occasion, and posters are hidden; --all shows them with the reason.
    """
    from facelib.model_zoo.thresholds_in_force import thresholds_in_force
    from facelib.store.gallery import Gallery
    from facelib.store.people import people_rows, resolve

    if together and drift:
        raise InputError("--together and --drift exclude each other", "give one of them")
    if together and not names:
        raise InputError("--together needs names", "give them, as in: facelib people --together Ana Ben")
    with Gallery.read(context.gallery) as gallery:
        wanted = [resolve(gallery, name) for name in names]
        if together:
            return _together(context, gallery, wanted)
        thresholds, _ = thresholds_in_force(gallery.models(), context.settings)
        every = people_rows(gallery, everyone or bool(wanted and not drift), thresholds.min_cluster_size)
        rows = [row for row in every if row.is_any_of(wanted)] if wanted else every
        if drift:
            show_drift(context, gallery, every, rows, thresholds)
            return ExitCode.DONE
    if context.json:
        for row in rows:
            context.output.record(
                {
                    "schema": SCHEMA,
                    "person": None if row.person_id is None else {"id": row.person_id, "name": row.name},
                    "clusters": list(row.clusters),
                    "photos": row.photos,
                    "faces": row.faces,
                    "first": row.first,
                    "last": row.last,
                    "hidden": row.hidden,
                    "unlisted": row.reason or None,
                }
            )
        return ExitCode.DONE
    if not rows:
        context.output.note("no people yet; 'facelib index FOLDER' finds them")
        return ExitCode.DONE
    cells = []
    for row in rows:
        number = str(row.target)
        clusters = " ".join(f"c{cluster}" for cluster in row.clusters) if row.person_id is not None else ""
        note = "hidden" if row.hidden else reason_text(row.reason)
        cells.append([number, row.name or "", row.photos, row.faces, _years(row.first, row.last), clusters, note])
    context.output.table(["id", "name", Column("photos", right=True), Column("faces", right=True), "years", "clusters", ""], cells)
    return ExitCode.DONE


def _together(context: Context, gallery: Gallery, wanted: list[Target]) -> int:
    """The number of photos that show all of them, and who else is in these photos."""
    from facelib.store import search

    shared = search.count(gallery, search.Query(wanted))
    company = search.companions(gallery, wanted)
    if context.json:
        others = [{"person": {"id": one.person_id, "name": one.name}, "photos": one.photos} for one in company]
        context.output.record({"schema": SCHEMA, "photos": shared, "together_with": others})
        return ExitCode.DONE
    context.output.line(f"{shared} {'photo' if shared == 1 else 'photos'} together" + (", also with:" if company else ""))
    if company:
        cells = [[f"p{one.person_id}", one.name or "", one.photos] for one in company]
        context.output.table([Column("id", whole=True), "name", Column("photos", right=True)], cells)
    return ExitCode.DONE


def _years(first: str | None, last: str | None) -> str:
    years = sorted({text[:4] for text in (first, last) if text})
    return "-".join(years)
