"""``facelib faces``: raw detections, without any gallery."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.models_in_use import models_in_use
from facelib.cli.options import common_options, device_option
from facelib.cli.output import visible
from facelib.errors import ExitCode, GalleryError
from facelib.model_zoo import registry

if TYPE_CHECKING:
    from facelib.look import Look


@click.command()
@click.argument("photos", nargs=-1, metavar="PHOTO...")
@click.option("--embeddings", is_flag=True, help="Add the embeddings (with --json): base64 of little-endian float32.")
@click.option("--detector", metavar="NAME", help="Face detector to use instead of the gallery's.")
@click.option("--embedder", metavar="NAME", help="Face embedder to use instead of the gallery's.")
@click.option("--stdin0", is_flag=True, help="Read more paths from standard input, each ended by a NUL.")
@device_option("auto")
@common_options
@pass_context
def faces(
    context: Context, photos: tuple[str, ...], embeddings: bool, detector: str | None, embedder: str | None, stdin0: bool, device: str
) -> int:
    """Show the faces found in these photos: boxes, landmarks, scores, and with --embeddings the embeddings.

    No gallery is needed, and none is written. If there is one, its choice of models is used.
    """
    from facelib.cli.photo_arguments import photo_paths
    from facelib.cli.run_setup import require_models, setup_for
    from facelib.look import look
    from facelib.vision.observer import Observer

    paths = photo_paths(photos, stdin0)
    models = _models(context, {registry.FACE_DETECTOR: detector, registry.FACE_EMBEDDER: embedder})
    setup = setup_for(models, context.settings, device)
    require_models(setup.models)
    observer = Observer(setup.models, setup.thresholds, device)
    failed = False
    for path in paths:
        seen = look(path, observer, setup.thresholds, embed=embeddings)
        failed |= seen.error is not None
        if context.json:
            context.output.record(_record(path, seen, setup.models[registry.FACE_EMBEDDER] if embeddings else None))
        elif seen.error is not None:
            context.output.warn(f"{path}: {seen.error.detail}")
        else:
            _show(context, path, seen)
    return ExitCode.USAGE if failed else ExitCode.DONE


def _models(context: Context, wanted: Mapping[str, str | None]) -> dict[str, str]:
    try:
        models = dict(models_in_use(context.gallery))
    except GalleryError as error:
        context.output.detail(f"{error}; the default models are used")
        models = dict(registry.DEFAULTS)
    for task, name in wanted.items():
        if name is not None:
            models[task] = registry.card_for(name, task).name
    return models


def _record(path: Path, seen: Look, embedder: str | None) -> dict[str, Any]:
    """The photo in the form of schema 1, with the embeddings by ``embedder`` unless that is None."""
    from facelib import photo_json

    if seen.error is not None or seen.capture is None:
        return photo_json.photo(str(path), error=seen.error)
    forms = []
    for sighting in seen.sightings:
        vectors = None if embedder is None else photo_json.embedding(embedder, sighting.face_embedding, sighting.body_embedding)
        forms.append(photo_json.observation(sighting.face, sighting.body, embedding=vectors))
    return photo_json.photo(str(path), seen.sha256, seen.width, seen.height, seen.capture.taken_at, forms)


def _show(context: Context, path: Path, seen: Look) -> None:
    number = sum(sighting.face is not None for sighting in seen.sightings)
    context.output.line(f"{visible(str(path))}: {number} {'face' if number == 1 else 'faces'}")
    for sighting in seen.sightings:
        if sighting.face is not None:
            x0, y0, x1, y1 = sighting.face.box
            quality = f"score {sighting.face.score:.3f}  reliability {sighting.face.reliability:.2f}"
            context.output.line(f"  face  {x0:.0f},{y0:.0f} {x1 - x0:.0f}x{y1 - y0:.0f}  {quality}")
        else:
            assert sighting.body is not None, "a sighting has a face, a body, or both"
            x0, y0, x1, y1 = sighting.body.box
            context.output.line(f"  body  {x0:.0f},{y0:.0f} {x1 - x0:.0f}x{y1 - y0:.0f}  score {sighting.body.score:.3f}")
