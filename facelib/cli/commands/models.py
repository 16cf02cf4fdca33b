"""``facelib models``: list, fetch, check and choose the models."""

from __future__ import annotations

import click

from facelib.cli.commands.models_fetch import fetch_models, megabytes, named_cards
from facelib.cli.context import Context, pass_context
from facelib.cli.models_in_use import models_in_use
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA
from facelib.cli.table import Column
from facelib.errors import ExitCode, WeightsError
from facelib.model_zoo import registry
from facelib.model_zoo.card import BODY_DETECTOR, BODY_EMBEDDER, FACE_DETECTOR, FACE_EMBEDDER, FACE_JUDGE, ModelCard

REDONE = {
    FACE_DETECTOR: "facelib looks for faces in every photo again, and repeats all later steps",
    BODY_DETECTOR: "facelib looks for people in every photo again, and repeats all later steps",
    FACE_EMBEDDER: "facelib embeds every face again, and clusters all faces again",
    BODY_EMBEDDER: "facelib embeds every upper body again, and clusters all faces again",
    FACE_JUDGE: "facelib looks for faces in every photo again, and repeats all later steps",
}
"""What the next ``index`` has to do after the model of that task was changed."""


@click.group()
@common_options
def models() -> None:
    """List, fetch, check and choose the models.

    'facelib models fetch recommended' fetches better models than the installed ones. Only 'models fetch' uses the network.
    """


models.add_command(fetch_models)


@models.command("list")
@common_options
@pass_context
def list_models(context: Context) -> None:
    """List all models this program knows.

    A star marks the models that the gallery uses. States: ready, missing (fetch it), damaged (fetch it again), no runtime
    (install facelib[openvino]).
    """
    from facelib.model_zoo import weights

    used = set(models_in_use(context.gallery).values())
    rows = [(card, card.name in used, weights.state(card)) for card in registry.CARDS.values()]
    if context.json:
        for card, in_use, state in rows:
            context.output.record(_record(card, in_use, state))
        return
    whole = [Column(title, whole=True) for title in ("model", "task", "state")]
    columns: list[Column | str] = ["", *whole, Column("size", right=True), "licence of weights", "origin"]
    context.output.table(
        columns,
        [
            ("*" if in_use else "", card.name, card.task, state, megabytes(card.size), card.licence_weights, card.origin)
            for card, in_use, state in rows
        ],
    )


def _record(card: ModelCard, in_use: bool, state: str) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "model": card.name,
        "task": card.task,
        "what": card.what,
        "in_use": in_use,
        "state": state,
        "size": card.size,
        "recommended": card.recommended,
        "licence_code": card.licence_code,
        "licence_weights": card.licence_weights,
        "origin": card.origin,
        "training_data": card.training_data,
    }


@models.command("verify")
@click.argument("names", metavar="[NAME...]", nargs=-1)
@common_options
@pass_context
def verify_models(context: Context, names: tuple[str, ...]) -> ExitCode:
    """Check the weights of models against the SHA-256 of their cards.

    Without names: the models that the gallery uses, which must be ready, and all others whose weights are present.
    """
    from facelib.model_zoo import weights

    must = {card.name for card in named_cards(names)} if names else set(models_in_use(context.gallery).values())
    failed = False
    for card in registry.CARDS.values():
        if card.name not in must and names:
            continue
        state = weights.state(card)
        if card.name not in must and state in (weights.MISSING, weights.NO_RUNTIME):
            continue
        bad = state == weights.DAMAGED or (card.name in must and state != weights.READY)
        failed = failed or bad
        advice = _advice(card) if bad else None
        if context.json:
            context.output.record({"schema": SCHEMA, "model": card.name, "state": state, "advice": advice})
        else:
            context.output.line(f"{card.name}: {state}" + (f" - {advice}" if advice else ""))
    return ExitCode.WEIGHTS if failed else ExitCode.DONE


def _advice(card: ModelCard) -> str | None:
    """The command that makes a model ready."""
    from facelib.model_zoo import weights

    try:
        weights.verify(card)
    except WeightsError as error:
        return error.advice
    return None


@models.command("use")
@click.argument("name", metavar="NAME")
@common_options
@pass_context
def use_model(context: Context, name: str) -> None:
    """Choose a model for its task in this gallery.

    The next 'facelib index' repeats the work of that model on every photo. Names and verdicts are kept.
    """
    from facelib.model_zoo import weights
    from facelib.store.gallery import Gallery

    card = registry.card(name)
    before = models_in_use(context.gallery)[card.task]
    if before == card.name:
        context.output.note(f"{card.name} is already in use as {card.task}")
        return
    weights.verify(card)
    with Gallery.write(context.gallery, "models use") as gallery:
        gallery.use_model(card.task, card.name)
    context.output.note(
        f"{card.task}: {card.name} instead of {before}\nAt the next 'facelib index', {REDONE[card.task]}; names and verdicts are kept."
    )
