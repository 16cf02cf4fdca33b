"""What the figures of a report depend on: weights and thresholds, each as a digest. Figures that were measured with others are stale."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from facelib.model_zoo import registry
from facelib.model_zoo.thresholds_in_force import thresholds_in_force
from facelib.settings import Settings
from facelib.stages import detect
from facelib.thresholds import FIELDS
from reports.request import Figures


@dataclass(frozen=True)
class Dependence:
    """The tasks whose models a report runs beside the model it measures, and the thresholds that decide what it finds."""

    tasks: tuple[str, ...]
    reads: tuple[str, ...]


EVERY_THRESHOLD = tuple(name for name in FIELDS if name != "suggestion_reach")
"""No report measures suggestions; the others that follow another threshold have its value unless a card sets them."""
DEPENDS = {
    "verification": Dependence((registry.FACE_DETECTOR,), detect.READS),
    "speed": Dependence((), ()),
    "clustering": Dependence(registry.TASKS, EVERY_THRESHOLD),
    "identification": Dependence((registry.FACE_DETECTOR,), EVERY_THRESHOLD),
    "fairness": Dependence((registry.FACE_DETECTOR,), detect.READS),
    "detectors": Dependence((), detect.READS),
    "judges": Dependence((registry.FACE_DETECTOR,), detect.READS),
}


def provenance(report: str, model: str, detector: str = registry.DEFAULTS[registry.FACE_DETECTOR]) -> Figures:
    """What a report on a model depends on today.

    Returns
    -------
    dict
        ``digest`` of the model's weights, ``models`` with the digest of each other model that ran, and ``thresholds``, a digest
        of the values in force. It is made of the values alone, so that it outlives a threshold's new name; two thresholds that
        swap their values would pass unnoticed.
    """
    card, depends = registry.card(model), DEPENDS[report]
    models = {**registry.DEFAULTS, registry.FACE_DETECTOR: detector, card.task: model}
    others = sorted(models[task] for task in depends.tasks if models[task] != model)
    in_force, _ = thresholds_in_force(models, Settings())
    values = sorted({float(value) for value in in_force.recorded(depends.reads).values()})
    return {
        "digest": card.digest,
        "models": {name: registry.card(name).digest for name in others},
        "thresholds": hashlib.sha256(repr(values).encode()).hexdigest()[:16],
    }


def same_weights(model: str, figures: Figures) -> bool:
    """Whether the figures are of the weights that the card names."""
    return bool(figures["digest"] == registry.card(model).digest)


def is_stale(report: str, model: str, figures: Figures) -> bool:
    """Whether the model, another model that ran, or a threshold has changed since the figures were measured."""
    now = provenance(report, model, figures.get("detector", registry.DEFAULTS[registry.FACE_DETECTOR]))
    return any(figures.get(key) != value for key, value in now.items())
