"""``facelib enroll``: add reference photos of a person."""

from __future__ import annotations

from pathlib import Path

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import record, title
from facelib.cli.options import common_options, device_option
from facelib.cli.output import visible
from facelib.errors import InputError


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True)
@device_option("auto")
@click.option("--dry-run", is_flag=True, help="Say whether these photos are good enough; change nothing.")
@common_options
@pass_context
def enroll(context: Context, name: str, photos: tuple[str, ...], device: str, dry_run: bool) -> None:
    """Add reference photos of the person NAME.

    Each photo must show one face, clearly; if one of them does not, none is added. The photos become part of the
    gallery, and every later index includes them, wherever they are. The more different references a person has, the
    better the person is recognised.
    """
    from facelib.cli.run_setup import require_models, setup_for
    from facelib.stages import enroll as stage
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
        references = [stage.reference_photo(observer, setup, path) for path in paths]
        if len({reference.seen.sha256 for reference in references}) < len(references):
            raise InputError("two of these photos are the same", "give each once")
        if dry_run:
            context.output.note(f"{_photos(len(references))} good enough; nothing was changed: this was a dry run")
            return
        person = stage.enroll(gallery, setup, cleaned, references, known)
    if context.json:
        context.output.record(record(person, photos=[str(reference.path) for reference in references]))
    elif not context.quiet:
        context.output.line(visible(f"{title(person)}: {_photos(len(references))} added as reference"))


def _photos(number: int) -> str:
    return f"{number} {'photo' if number == 1 else 'photos'}"
