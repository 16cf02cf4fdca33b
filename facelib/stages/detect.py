"""The per-photo stage that finds faces and upper bodies."""

from __future__ import annotations

from collections.abc import Mapping

from facelib.model_zoo import registry
from facelib.stages.stage import recipe as make_recipe
from facelib.thresholds import Thresholds

NAME = "detect"
VERSION = 1
READS = ("working_side", "max_pixels", "min_face", "face_score", "body_score")


def recipe(models: Mapping[str, str], thresholds: Thresholds) -> str:
    """What the observations of a photo depend on: the detectors, and the models that estimate how reliable a face is."""
    cards = [registry.card(models[task]) for task in (registry.FACE_DETECTOR, registry.BODY_DETECTOR)]
    embedder, judge = registry.card(models[registry.FACE_EMBEDDER]), registry.card(models[registry.FACE_JUDGE])
    if embedder.reliability:
        cards.append(embedder)
    # A judge without files adds nothing: a gallery from before there were judges keeps its recipe.
    if judge.files:
        cards.append(judge)
    return make_recipe(NAME, VERSION, cards, thresholds, READS)
