"""What the commands that correct people share: the gallery to change, whom and which faces the user means, and what is said then."""

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

dry_run_option: Callable[[Any], Any] = click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
yes_option: Callable[[Any], Any] = click.option("--yes", is_flag=True, help="Agree beforehand, for scripts.")


@contextmanager
def correcting(context: Context, command: str, dry_run: bool) -> Iterator[Gallery]:
    """The gallery, open for a change; with ``dry_run`` the change is made, told and taken back."""
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
    """The observations meant by their ids, or by photos in which the person or cluster is seen once.

    Raises
    ------
    InputError
        If a photo is not in the gallery, or it cannot be told who in it is meant.
    """
    return [int(text) if text.isascii() and text.isdigit() else _in_photo(gallery, target, text) for text in arguments]


def judged(gallery: Gallery, text: str, which: Sequence[str]) -> tuple[int | None, int | None, list[int]]:
    """Of whom something is said, a person or a cluster (the other is None), and of which observations."""
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
        raise InputError(f"{text} is neither the id of an observation nor a photo that can be read: {error.detail}", HOW) from error
    if photo is None:
        raise InputError(f"{text} is not in the gallery", "index it first: facelib index FOLDER")
    seen = observations.of_photo(gallery, photo.id)
    members = set(people.members(gallery, [target]))
    meant = [row.id for row in seen if row.id in members] or [row.id for row in seen]
    if len(meant) != 1:
        many = f"{len(meant)} people are seen in {text}" if meant else f"nobody is seen in {text}"
        raise InputError(f"{many}: it is not clear who is meant", HOW)
    return meant[0]


HOW = "'facelib explain PHOTO' shows the ids of those seen in a photo"


def parse_ids(text: str) -> list[int]:
    """Ids of observations as ``12,15``.

    Raises
    ------
    InputError
        If it is anything else.
    """
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"'{text}' is no list of observation ids", "write them as 12,15") from None


def title(person: Person) -> str:
    """A person as messages call it: ``Ana (p3)``, or ``p9`` without a name."""
    return f"{person.name} (p{person.id})" if person.name else f"p{person.id}"


def record(person: Person, **more: Any) -> dict[str, Any]:
    """The JSON form of what became of a person."""
    return {"schema": SCHEMA, "person": {"id": person.id, "name": person.name}, **more}


def tell(context: Context, person: Person, text: str, **more: Any) -> None:
    """Say how a correction ended: one line for people, one object with ``--json``."""
    if context.json:
        context.output.record(record(person, **more))
    elif not context.quiet:
        context.output.line(visible(text))


def faces(number: int) -> str:
    """``1 face``, ``2 faces``."""
    return f"{number} {'face' if number == 1 else 'faces'}"
