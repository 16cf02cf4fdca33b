"""What all stages share: the progress that they yield, and the recipe that says what their results depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from facelib.model_zoo.registry import ModelCard
from facelib.thresholds import Thresholds

SMALL_LIBRARY = 5000
"""Libraries of fewer observations are clustered and answered as a whole: it takes seconds, and gives the better result."""


@dataclass(frozen=True)
class Progress:
    """The progress of a stage: ``done`` of ``total`` (0: not known yet); ``detail`` is one line for the user."""

    stage: str
    done: int
    total: int
    detail: str = ""


def recipe(name: str, version: int, cards: Iterable[ModelCard], thresholds: Thresholds, reads: tuple[str, ...], after: str = "") -> str:
    """Name everything that a stage's result depends on: same recipe, same result.

    Parameters
    ----------
    name, version : str, int
        Of the stage.
    cards : iterable of ModelCard
        Of the models that the stage runs.
    thresholds : Thresholds
    reads : tuple of str
        Names of the thresholds that the stage reads.
    after : str
        Recipe of the stage whose result this one reads: if that one changes, this one changes too.

    Returns
    -------
    str
        ``name/version:`` and 16 hexadecimal digits. The ledger of every gallery holds such strings, so if this function changes, every
        photo is processed again.
    """
    facts = {
        "models": {card.name: card.digest for card in cards},
        "thresholds": thresholds.recorded(reads),
        "after": after,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return f"{name}/{version}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
