"""What the commands that correct people share: the gallery to change, the faces the user means, and the result that is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facelib.cli.context import Context
from facelib.cli.output import SCHEMA, visible
from facelib.errors import InputError, PhotoError

if TYPE_CHECKING:
    from facelib.store.gallery import Gallery
    from facelib.store.people import Person, Target

dry_run_option: Callable[[Any], Any] = click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
yes_option: Callable[[Any], Any] = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


@contextmanager
def open_for_correction(context: Context, command: str, dry_run: bool) -> Iterator[Gallery]:
    """The gallery, open for a change; with ``dry_run`` the change is made, printed and rolled back."""
    from facelib.store.changes import rolled_back
    from facelib.store.gallery import Gallery

    with Gallery.write(context.gallery, f"facelib {command}", create=False) as gallery:
        if not dry_run:
            yield gallery
            return
        with rolled_back(gallery):
            yield gallery
    context.output.note("nothing was changed: this was a dry run")


def observation_ids(gallery: Gallery, target: Target, arguments: Sequence[str]) -> list[int]:
    """The observations the user means, by id, or by a photo that shows the person or cluster once.

    Raises
    ------
    InputError
        If a photo is not in the gallery, or it is ambiguous which person in it is meant.
    """
    return [int(text) if text.isascii() and text.isdigit() else _in_photo(gallery, target, text) for text in arguments]


def resolve_target(gallery: Gallery, text: str, which: Sequence[str]) -> tuple[int | None, int | None, list[int]]:
    """The id of the person or of the cluster (the other is None), and the observations the user means."""
    from facelib.store.people import resolve

    target = resolve(gallery, text)
    ids = observation_ids(gallery, target, which)
    return (target.id, None, ids) if target.kind == "person" else (None, target.id, ids)


def _in_photo(gallery: Gallery, target: Target, text: str) -> int:
    from facelib.photos.fingerprint import sha256_of
    from facelib.store import observations, people
    from facelib.store.photos import photo_by_sha

    try:
        photo = photo_by_sha(gallery, sha256_of(Path(text)))
    except PhotoError as error:
        raise InputError(f"{text} is neither the id of an observation nor a readable photo: {error.detail}", HOW_TO_FIND_IDS) from error
    if photo is None:
        raise InputError(f"{text} is not in the gallery", "index it first: facelib index FOLDER")
    seen = observations.of_photo(gallery, photo.id)
    members = set(people.members(gallery, [target]))
    meant = [row.id for row in seen if row.id in members] or [row.id for row in seen]
    if len(meant) != 1:
        count = f"{len(meant)} people are seen in {text}" if meant else f"nobody is seen in {text}"
        raise InputError(f"{count}: it is not clear which person you mean", HOW_TO_FIND_IDS)
    return meant[0]


HOW_TO_FIND_IDS = "'facelib explain PHOTO' shows the ids of the people in a photo"


def parse_ids(text: str) -> list[int]:
    """Parse ids of observations, written as ``12,15``.

    Raises
    ------
    InputError
        If it is anything else.
    """
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"'{text}' is not a list of observation ids", "write them as 12,15") from None


def title(person: Person) -> str:
    """How messages refer to a person: ``Ana (p3)``, or ``p9`` without a name."""
    return f"{person.name} (p{person.id})" if person.name else f"p{person.id}"


def record(person: Person, **more: Any) -> dict[str, Any]:
    """The JSON form of a person after a correction."""
    return {"schema": SCHEMA, "person": {"id": person.id, "name": person.name}, **more}


def print_result(context: Context, person: Person, text: str, **more: Any) -> None:
    """Print the result of a correction: one line of text, or one object with ``--json``."""
    if context.json:
        context.output.record(record(person, **more))
    elif not context.quiet:
        context.output.line(visible(text))


def count_faces(number: int) -> str:
    """``1 face``, ``2 faces``."""
    return f"{number} {'face' if number == 1 else 'faces'}"
