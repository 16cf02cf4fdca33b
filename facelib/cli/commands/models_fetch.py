"""``facelib models fetch``: fetch weights, after showing what they are, how big, from where and under which licence."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA
from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.model_zoo.registry import ModelCard

RECOMMENDED = "recommended"


@click.command("fetch")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--from", "source", type=click.Path(path_type=Path), metavar="FOLDER", help="Copy from this folder; no network is used.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@common_options
@pass_context
def fetch_models(context: Context, names: tuple[str, ...], source: Path | None, yes: bool) -> None:
    """Fetch the weights of models.

    The name 'recommended' stands for all recommended models. The command first shows what it would fetch, how big it is,
    from where and under which licence, and asks. It checks each file against the SHA-256 of its card. It resumes an
    interrupted download.
    """
    from facelib.model_zoo import fetch, weights
    from facelib.model_zoo.runtimes import RUNTIMES
    from facelib.settings import models_folder

    folder = models_folder()
    wanted = []
    for card in named_cards(names):
        if not card.fetched:
            raise InputError(f"there is nothing to fetch for model '{card.name}'", "it is part of the installation")
        if fetch.is_present(card, folder):
            context.output.note(f"{card.name}: already fetched")
        else:
            wanted.append(card)
    for card in wanted:
        context.output.say(fetch.describe(card))
    if wanted and not yes:
        _ask(wanted, source)
    for card in wanted:
        paths = _fetch_one(context, card, folder, source)
        if context.json:
            context.output.record({"schema": SCHEMA, "model": card.name, "files": [str(path) for path in paths]})
        context.output.note(f"{card.name}: fetched; use it with: facelib models use {card.name}")
        if weights.state(card) == weights.NO_RUNTIME:
            library = RUNTIMES[card.runtime]
            context.output.warn(f"{card.name} needs {library.title}; run: pip install '{library.requirement}'")


def _ask(cards: list[ModelCard], source: Path | None) -> None:
    """Ask the user to agree to what was shown; without a terminal only ``--yes`` agrees."""
    if not sys.stdin.isatty():
        raise InputError("nothing was fetched: there is no terminal to ask you on", "add --yes to agree to the above")
    origin = f"copy {_total(cards)} from {source}" if source else f"download {_total(cards)}"
    if not click.confirm(f"{origin[0].upper()}{origin[1:]}?", err=True):
        raise InputError("nothing was fetched: you did not agree")


def _total(cards: list[ModelCard]) -> str:
    return megabytes(sum(card.size for card in cards))


def _fetch_one(context: Context, card: ModelCard, folder: Path, source: Path | None) -> list[Path]:
    from facelib.cli.progress import ProgressEvent
    from facelib.model_zoo import fetch
    from facelib.vision.loader import converter_of

    with context.progress(unit="B") as line:
        return fetch.fetch(card, folder, source, lambda done, total: line.show(ProgressEvent(card.name, done, total)), converter_of(card))


def named_cards(names: tuple[str, ...]) -> list[ModelCard]:
    """The cards named, each once, in that order; ``recommended`` names all that are recommended."""
    every = [inner for name in names for inner in (registry.RECOMMENDED if name == RECOMMENDED else (name,))]
    return [registry.card(name) for name in dict.fromkeys(every)]


def megabytes(size: int) -> str:
    """A size for people; ``-`` where there is nothing."""
    return f"{size / 1e6:.1f} MB" if size else "-"
