"""Which thresholds are in force for a choice of models, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping

from facelib.model_zoo import registry
from facelib.settings import Settings
from facelib.thresholds import FIELDS, FOLLOWS, Thresholds


def thresholds_in_force(models: Mapping[str, str], settings: Settings) -> tuple[Thresholds, dict[str, str]]:
    """The defaults, overridden by the calibrated values of each model's card, overridden by the user's configuration.

    Parameters
    ----------
    models : mapping of str to str
        The model's name for each task of :data:`facelib.model_zoo.card.TASKS`.
    settings : Settings
        The user's configuration; its ``overrides`` count last.

    Returns
    -------
    thresholds : Thresholds
    origins : dict of str to str
        For each threshold: ``"default"``, the threshold it follows, the card with its calibration, or the path of the configuration file.

    Raises
    ------
    InputError
        If there is no model of one of the names.
    """
    origins = {name: f"as {FOLLOWS[name]}" if name in FOLLOWS else "default" for name in FIELDS}
    values: dict[str, float] = {}
    for card in (registry.card(models[task]) for task in registry.TASKS):
        values.update(card.thresholds)
        origins.update({name: f"card {card.name}, {card.threshold_origin(name)}" for name in card.thresholds})
    values.update(settings.overrides)
    origins.update(dict.fromkeys(settings.overrides, str(settings.source)))
    return Thresholds().override(values), origins
