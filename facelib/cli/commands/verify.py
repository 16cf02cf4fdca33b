"""``facelib verify``: does a photo show a given person?"""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options, device_option
from facelib.cli.output import SCHEMA, visible
from facelib.errors import ExitCode, InputError
from facelib.thresholds import compared


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("photo", metavar="PHOTO", type=click.Path(path_type=Path))
@click.option("--threshold", metavar="T", help="A distance such as 0.3, or a false accept rate: far=1e-2, far=1e-3 (default), far=1e-4.")
@device_option("auto")
@common_options
@pass_context
def verify(context: Context, name: str, photo: Path, threshold: str | None, device: str) -> int:
    """Say whether PHOTO shows the person NAME: exit code 0 if it does, 1 if not.

    The reliable faces of the photo are compared with all references that 'facelib enroll' added or, if there are none,
    with the exemplars of the person. The false accept rate is that of one comparison with a stranger. Close relatives are
    accepted more often, and a photo held in front of a camera looks like a face.
    """
    from facelib.cli.run_setup import require_models, setup_for
    from facelib.model_zoo import registry
    from facelib.store.gallery import Gallery
    from facelib.store.people import names, resolve
    from facelib.who import verification

    with Gallery.read(context.gallery) as gallery:
        target = resolve(gallery, name)
        if target.kind != "person":
            raise InputError(f"{name} is a cluster, not a person", f"name it first: facelib name {name} NAME")
        setup = setup_for(gallery.models(), context.settings, device)
        card = setup.card(registry.FACE_EMBEDDER)
        bound = verification.threshold_of(threshold, card, setup.thresholds)
        require_models(setup.models)
        known = verification.references(gallery, target.id, card.digest)
        called = names(gallery)[target.id] or f"p{target.id}"
    if not len(known):
        advice = f"add one: facelib enroll {shlex.quote(called)} PHOTO; after a change of model, run facelib index first"
        raise InputError(f"{called} has no reference photo for the model {card.name}", advice)
    result = verification.verify(known, photo.absolute(), setup.models, setup.thresholds, bound, device)
    if context.json:
        facts = {"schema": SCHEMA, "photo": str(photo.absolute()), "person": {"id": target.id, "name": called}, "same": result.same}
        distance = None if result.distance is None else round(result.distance, 4)
        more = {"distance": distance, "threshold": bound, "model": card.name, "references": len(known), "faces": result.faces}
        context.output.record({**facts, **more, "why": result.why or None})
    elif not context.quiet:
        numbers = result.why
        if result.distance is not None:
            numbers = "distance {}, threshold {}".format(*compared(result.distance, bound, 3))
        references = f"{len(known)} {'reference' if len(known) == 1 else 'references'}"
        context.output.line(visible(f"{'same' if result.same else 'not the same'}: {called} ({numbers}; {references})"))
    return ExitCode.DONE if result.same else ExitCode.PARTIAL
