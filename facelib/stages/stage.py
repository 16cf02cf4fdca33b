"""What all stages share: the progress they yield and the recipe they are keyed by."""

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
    """How far a stage has come: ``done`` of ``total`` (0: not known yet); ``detail`` is one line for people."""

    stage: str
    done: int
    total: int
    detail: str = ""


def recipe(name: str, version: int, cards: Iterable[ModelCard], thresholds: Thresholds, reads: tuple[str, ...], after: str = "") -> str:
    """Names everything a stage's result depends on: same recipe, same result.

    ``after`` is the recipe of the stage whose result this one reads, so that a change there reaches here.
    """
    facts = {
        "models": {card.name: card.digest for card in cards},
        "thresholds": thresholds.read(reads),
        "after": after,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return f"{name}/{version}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
