"""``facelib enroll``: know a person by reference photos."""

from __future__ import annotations

from pathlib import Path

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import record, title
from facelib.cli.options import common_options
from facelib.cli.output import visible
from facelib.errors import InputError


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True)
@click.option("--device", default="auto", metavar="NAME", help="auto, cpu, cuda, cuda:1 or mps.")
@click.option("--dry-run", is_flag=True, help="Look at the photos and say whether they will do; keep nothing.")
@common_options
@pass_context
def enroll(context: Context, name: str, photos: tuple[str, ...], device: str, dry_run: bool) -> None:
    """Add reference photos of the person NAME.

    Each must show one face, which is reliable; if one does not, none is taken. They enter the gallery, and every later
    index looks at them wherever they lie. More references make a person better known: repeat with other photos.
    """
    from facelib.cli.run_setup import require_models, setup_for
    from facelib.stages.enroll import enrol, portrait
    from facelib.store import names
    from facelib.store.gallery import Gallery
    from facelib.store.people import resolve
    from facelib.vision.observer import Observer

    paths = list(dict.fromkeys(Path(photo).absolute() for photo in photos))
    with Gallery.write(context.gallery, "facelib enroll") as gallery:
        known = resolve(gallery, name).id if names.looks_like_person_id(name) else None
        cleaned = names.clean(name) if known is None else None
        setup = setup_for(gallery.models(), context.settings, device)
        require_models(setup.models)
        observer = Observer(setup.models, setup.thresholds, device)
        portraits = [portrait(observer, setup, path) for path in paths]
        if len({item.sha256 for item in portraits}) < len(portraits):
            raise InputError("two of these photos are the same", "give each once")
        if dry_run:
            context.output.note(f"{_photos(len(portraits))} will do; nothing was kept: this was a dry run")
            return
        person = enrol(gallery, setup, cleaned, portraits, known)
    if context.json:
        context.output.record(record(person, photos=[str(item.path) for item in portraits]))
    elif not context.quiet:
        context.output.line(visible(f"{title(person)} is known by {_photos(len(portraits), 'more ')}"))


def _photos(number: int, more: str = "") -> str:
    return f"{number} {more}{'photo' if number == 1 else 'photos'}"
