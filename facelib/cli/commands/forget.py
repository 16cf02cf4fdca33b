"""``facelib forget``: delete people and everything the gallery knows about them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from facelib.cli.confirmation import require_confirmation
from facelib.cli.context import Context, pass_context
from facelib.cli.corrections import dry_run_option, title, yes_option
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA
from facelib.errors import InputError

if TYPE_CHECKING:
    from facelib.store.forgetting import Forgotten
    from facelib.store.gallery import Gallery


@click.command()
@click.argument("names", metavar="[PERSON]...", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Delete all people, and everything known about the photos.")
@click.option("--scrub", is_flag=True, help="Delete nobody; only erase deleted data from the file.")
@dry_run_option
@yes_option
@common_options
@pass_context
def forget(context: Context, names: tuple[str, ...], everybody: bool, scrub: bool, dry_run: bool, yes: bool) -> None:
    """Delete people: their names, what you said about them, their face vectors, and cached crops. This cannot be undone.

    Earlier changes can no longer be undone either, because the undo log is erased with the names. The photos themselves are
    never changed; if you index them again, they show an unnamed person. Backups are listed, so that you can delete them.
    """
    from facelib.store import forgetting
    from facelib.store.changes import rolled_back
    from facelib.store.gallery import Gallery

    if sum((bool(names), everybody, scrub)) != 1:
        raise InputError("give people, or --all, or --scrub", "for example: facelib forget Ana")
    with Gallery.write(context.gallery, "facelib forget", create=False) as gallery:
        if scrub:
            forgetting.scrub(gallery)
            context.output.note("deleted data was erased from the file")
            return
        ids, names_shown = _wanted(gallery, names)
        if dry_run:
            with rolled_back(gallery):
                gone = forgetting.forget_all(gallery) if everybody else forgetting.forget(gallery, ids)
        else:
            what = "all people, and everything known about the photos" if everybody else names_shown
            require_confirmation(context, f"Delete {what}? This cannot be undone.", yes)
            gone = forgetting.forget_all(gallery) if everybody else forgetting.forget(gallery, ids)
            _drop_crops(gone, everybody)
            forgetting.scrub(gallery)
        _print(context, gone, [*forgetting.backups(gallery), *_logs()], dry_run)


def _wanted(gallery: Gallery, names: tuple[str, ...]) -> tuple[list[int], str]:
    """Ids and names of these people; a cluster stands for its person."""
    from facelib.store import corrections
    from facelib.store.people import resolve

    people = []
    for text in names:
        owner = next(iter(corrections.owners(gallery, [resolve(gallery, text)]).values()))
        if owner is None:
            raise InputError(f"{text} is not a person", f"hide it with: facelib hide {text}; or name it, then forget that person")
        people.append(owner)
    return [person.id for person in people], ", ".join(title(person) for person in people)


def _drop_crops(gone: Forgotten, everybody: bool) -> None:
    from facelib.review import thumbnails

    if everybody:
        thumbnails.clear()
    else:
        thumbnails.forget(gone.sha256s)


def _logs() -> list[Path]:
    """Logs of bugs, which may contain names."""
    from facelib.settings import state_folder

    return sorted(state_folder().glob("bug-*.log"))


def _print(context: Context, gone: Forgotten, copies: list[Path], dry_run: bool) -> None:
    if context.json:
        facts = {"observations": gone.observations, "verdicts": gone.verdicts, "backups": [str(path) for path in copies]}
        context.output.record({"schema": SCHEMA, "forgotten": facts, "dry_run": dry_run})
        return
    word = "would be deleted" if dry_run else "deleted"
    context.output.note(f"{word}: observations {gone.observations}, verdicts {gone.verdicts}")
    if copies:
        context.output.say("these files may still contain deleted data; delete them yourself:")
        for path in copies:
            context.output.say(f"  {path}")
