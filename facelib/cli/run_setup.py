"""What the commands that process photos share: the models and thresholds in force, and the check that the models can run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facelib.errors import WeightsError
from facelib.model_zoo import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facelib.model_zoo.card import ModelCard
    from facelib.settings import Settings
    from facelib.stages.setup import Setup


def setup_for(models: Mapping[str, str], settings: Settings, device: str = "auto", threads: int = 1) -> Setup:
    """The models in use with the thresholds in force for them."""
    from facelib.model_zoo.thresholds_in_force import thresholds_in_force
    from facelib.stages.setup import Setup

    thresholds, _ = thresholds_in_force(models, settings)
    return Setup(dict(models), thresholds, device, threads)


def require_models(models: Mapping[str, str]) -> None:
    """Refuse to begin where weights or their runtime are missing.

    Raises
    ------
    WeightsError
        Names all that is missing, and the one command that brings it.
    """
    from facelib.model_zoo.runtimes import RUNTIMES
    from facelib.model_zoo.weights import NO_RUNTIME, READY, state

    states = {card: state(card) for card in map(registry.card, models.values())}
    if unrunnable := [card for card, found in states.items() if found == NO_RUNTIME]:
        libraries = list(dict.fromkeys(RUNTIMES[card.runtime] for card in unrunnable))
        titles = ", ".join(library.title for library in libraries)
        requirements = " ".join(f"'{library.requirement}'" for library in libraries)
        raise WeightsError(f"not installed: {titles}, which {_names(unrunnable)} run on", f"run: pip install {requirements}")
    absent = [card for card, found in states.items() if found != READY]
    if not absent:
        return
    problem = f"weights missing or damaged: {_names(absent)}"
    if fetched := [card.name for card in absent if card.fetched]:
        raise WeightsError(problem, f"run: facelib models fetch {' '.join(fetched)}")
    packages = sorted({package for card in absent for package in card.packages})
    raise WeightsError(problem, f"run: pip install --force-reinstall {' '.join(packages)}" if packages else "install facelib again")


def _names(cards: list[ModelCard]) -> str:
    return ", ".join(card.name for card in cards)
