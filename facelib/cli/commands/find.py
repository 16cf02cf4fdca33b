"""``facelib find``: the photos that show people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA
from facelib.errors import InputError
from facelib.records import CERTAIN, LIKELY, STANDINGS

if TYPE_CHECKING:
    from facelib.store.gallery import Gallery
    from facelib.store.search import FoundPhoto, Query


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1)
@click.option("--any", "either", is_flag=True, help="Photos that show at least one of them, not all.")
@click.option("--only", is_flag=True, help="Photos that show nobody else, not even unknown people.")
@click.option("--without", multiple=True, metavar="NAME", help="Photos that do not show NAME; may be repeated.")
@click.option("--since", metavar="DATE", help="Taken on or after this day, month or year: 2024-07-01, 2024-07 or 2024.")
@click.option("--until", metavar="DATE", help="Taken on or before this day, month or year.")
@click.option("--folder", multiple=True, metavar="PATH", help="In or below this folder; may be repeated.")
@click.option(
    "--min-standing",
    type=click.Choice([STANDINGS[CERTAIN], STANDINGS[LIKELY]]),
    default=STANDINGS[LIKELY],
    help="How certain the names must be (default: likely).",
)
@click.option("-0", "zero", is_flag=True, help="End each path with a NUL, for xargs -0.")
@click.option("--count", is_flag=True, help="Print only the number of photos.")
@click.option("--link-to", "links", type=click.Path(path_type=Path), metavar="DIR", help="Create symbolic links to the photos in DIR.")
@common_options
@pass_context
def find(
    context: Context,
    names: tuple[str, ...],
    either: bool,
    only: bool,
    without: tuple[str, ...],
    since: str | None,
    until: str | None,
    folder: tuple[str, ...],
    min_standing: str,
    zero: bool,
    count: bool,
    links: Path | None,
) -> None:
    """Print the photos that show all of these people, oldest first.

    NAME is a name, p3 for person 3, or c7 for cluster 7. Photos whose files are missing are left out.
    """
    from facelib.store import search
    from facelib.store.gallery import Gallery
    from facelib.store.people import resolve

    if not names and not without:
        raise InputError("no name was given", "give one, as in: facelib find Ana")
    if only and not names:
        raise InputError("--only needs a name", "give one, as in: facelib find Ana --only")
    with Gallery.read(context.gallery) as gallery:
        query = search.Query(
            [resolve(gallery, name) for name in names],
            any=either,
            without=[resolve(gallery, name) for name in without],
            only=only,
            since=_date(since),
            until=_date(until),
            folders=[str(Path(path).absolute()) for path in folder] or None,
            certain=min_standing == STANDINGS[CERTAIN],
        )
        if count:
            _count(context, gallery, query)
        elif links is not None:
            _link(context, search.find(gallery, query), links)
        else:
            _show(context, gallery, query, zero)


def _date(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?", text):
        raise InputError(f"'{text}' is not a date", "write 2024-07-01, 2024-07 or 2024")
    return text


def _count(context: Context, gallery: Gallery, query: Query) -> None:
    from facelib.store import search

    number = search.count(gallery, query)
    if context.json:
        context.output.record({"schema": SCHEMA, "photos": number})
    else:
        context.output.line(str(number))


def _show(context: Context, gallery: Gallery, query: Query, zero: bool) -> None:
    from facelib.store import search

    photos = list(search.find(gallery, query))
    if context.json:
        people = search.people_on(gallery, [photo.photo_id for photo in photos])
        for photo in photos:
            shown = [{"id": key, "name": name, "standing": standing} for key, name, standing in people.get(photo.photo_id, [])]
            facts = {"schema": SCHEMA, "photo": photo.path, "sha256": photo.sha256, "taken_at": photo.taken_at, "people": shown}
            context.output.record(facts)
        return
    context.output.paths([photo.path for photo in photos], zero)
    if not photos:
        context.output.note("no photos")


def _link(context: Context, matches: Iterator[FoundPhoto], folder: Path) -> None:
    """Link to each photo under its own name, with a number if that is taken; existing files are not replaced."""
    photos = list(matches)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = sum(_link_one(Path(photo.path), folder) for photo in photos)
    except OSError as error:
        raise InputError(f"cannot create links in {folder}: {error.strerror}", "choose a folder that can be written") from error
    if context.json:
        context.output.record({"schema": SCHEMA, "folder": str(folder.absolute()), "photos": len(photos), "new": made})
    else:
        existing = f"; {len(photos) - made} existed already" if made < len(photos) else ""
        context.output.note(f"{made} {'link' if made == 1 else 'links'} made in {folder}{existing}")


def _link_one(photo: Path, folder: Path) -> bool:
    """Whether a new link was made: not if one to the same photo exists already."""
    number = 1
    while True:
        link = folder / (photo.name if number == 1 else f"{photo.stem}-{number}{photo.suffix}")
        try:
            link.symlink_to(photo)
            return True
        except FileExistsError:
            if link.is_symlink() and link.readlink() == photo:
                return False
        number += 1
