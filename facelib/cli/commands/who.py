"""``facelib who``: name the people in photos, indexed or not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options, device_option
from facelib.cli.output import visible
from facelib.errors import ExitCode, InputError, PhotoError
from facelib.records import CERTAIN, STANDINGS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facelib.records import Identity
    from facelib.who.recogniser import RecognisedPhoto


@click.command()
@click.argument("photos", nargs=-1, metavar="PHOTO...")
@click.option(
    "--draw",
    "target",
    type=click.Path(path_type=Path),
    metavar="OUT.jpg",
    help="Write a copy of the photo with boxes and names; for several photos, an existing folder.",
)
@click.option("--stdin0", is_flag=True, help="Read more paths from standard input, each ended by a NUL.")
@device_option("auto")
@common_options
@pass_context
def who(context: Context, photos: tuple[str, ...], target: Path | None, stdin0: bool, device: str) -> int:
    """Say who is in these photos.

    The photos need not be indexed, and the gallery is not changed. Exit code 0: somebody is known; 1: nobody is;
    2: a photo could not be analysed.
    """
    from facelib.cli.photo_arguments import photo_paths
    from facelib.cli.run_setup import require_models, setup_for
    from facelib.store.gallery import Gallery
    from facelib.who.recogniser import Recogniser

    paths = photo_paths(photos, stdin0)
    if target is not None:
        _check_target(target, paths)
    known = failed = False
    with Gallery.read(context.gallery) as gallery:
        setup = setup_for(gallery.models(), context.settings, device)
        require_models(setup.models)
        recogniser = Recogniser(gallery, setup.models, setup.thresholds, setup.photo_recipes(), device)
        for path in paths:
            recognised = recogniser.recognise(path)
            _show(context, recognised)
            failed |= recognised.error is not None
            known |= any(person.identity.person is not None for person in recognised.people)
            if target is not None and recognised.error is None:
                _draw(recognised, path, target, setup.thresholds.max_pixels)
    if failed:
        return ExitCode.USAGE
    return ExitCode.DONE if known else ExitCode.PARTIAL


def _show(context: Context, photo: RecognisedPhoto) -> None:
    if context.json:
        context.output.record(photo.json())
    elif photo.error is not None:
        context.output.warn(f"{photo.path}: {photo.error.detail}")
    else:
        context.output.line(f"{visible(photo.path)}: {visible(_sentence([person.identity for person in photo.people]))}")


def _sentence(identities: Sequence[Identity]) -> str:
    """``Ana, Ben (likely), c12, 2 unknown``: people first, then unnamed clusters, then the rest."""
    if not identities:
        return "nobody"
    named = [label(i) for i in identities if i.person is not None]
    unnamed = Counter(f"c{i.cluster}" for i in identities if i.person is None and i.cluster is not None)
    rest = sum(i.person is None and i.cluster is None for i in identities)
    parts = [*named, *(text if n == 1 else f"{text} x{n}" for text, n in sorted(unnamed.items()))]
    return ", ".join(parts + ([f"{rest} unknown"] if rest else []))


def label(identity: Identity) -> str:
    """The name to show, with its standing unless that is certain; empty for unknown people."""
    if identity.person is None:
        return ""
    name = identity.name or f"p{identity.person}"
    return name if identity.standing == STANDINGS[CERTAIN] else f"{name} ({identity.standing})"


def _check_target(target: Path, paths: Sequence[Path]) -> None:
    """Refuse a target that would replace a photo, or that is one file for several photos."""
    if len(paths) > 1 and not target.is_dir():
        raise InputError(f"--draw needs an existing folder for several photos, and {target} is not one", "create it: mkdir FOLDER")
    if any(target.absolute() == path or (target.exists() and path.exists() and target.samefile(path)) for path in paths):
        raise InputError("--draw would replace the photo itself", "name another file")
    if not target.is_dir() and not target.absolute().parent.is_dir():
        raise InputError(f"there is no folder {target.absolute().parent}")


def _draw(photo: RecognisedPhoto, path: Path, target: Path, max_pixels: int) -> None:
    from PIL import Image

    from facelib.photos.content import read_photo
    from facelib.photos.fingerprint import changed_error
    from facelib.who.drawing import Label, draw, save

    out = target / f"{path.stem}.who.jpg" if target.is_dir() else target
    labels = []
    for person in photo.people:
        detection = person.sighting.face or person.sighting.body
        assert detection is not None, "a sighting has a face, a body, or both"
        standing = person.identity.standing if person.identity.person is not None else STANDINGS[UNKNOWN]
        labels.append(Label(detection.box, label(person.identity), standing))
    try:
        # Decoded again at full size: recognition works on a reduced picture.
        with read_photo(path) as content:
            if content.fingerprint.sha256 != photo.sha256:
                raise changed_error()
            picture, _ = content.decode(max(photo.width or 1, photo.height or 1), max_pixels)
        save(draw(Image.fromarray(picture.pixels), labels), out)
    except (OSError, ValueError, PhotoError) as error:
        raise InputError(f"cannot write {out}: {error}") from error
