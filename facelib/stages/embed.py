"""The per-photo stage that computes embeddings of faces and upper bodies."""

from __future__ import annotations

from collections.abc import Mapping

from facelib.model_zoo import registry
from facelib.stages import detect
from facelib.stages.stage import recipe as make_recipe
from facelib.thresholds import Thresholds

NAME = "embed"
VERSION = 1
READS: tuple[str, ...] = ()


def recipe(models: Mapping[str, str], thresholds: Thresholds) -> str:
    """What the embeddings of a photo depend on: the embedders, and the observations that are embedded."""
    cards = [registry.card(models[task]) for task in (registry.FACE_EMBEDDER, registry.BODY_EMBEDDER)]
    return make_recipe(NAME, VERSION, cards, thresholds, READS, after=detect.recipe(models, thresholds))
