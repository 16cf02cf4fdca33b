"""The recipes of the per-photo stages never change by themselves: a changed recipe makes every user's photos be worked on again."""

from __future__ import annotations

import pytest

from facelib.cli.run_setup import setup_for
from facelib.model_zoo import registry
from facelib.settings import Settings
from facelib.stages import assign, cluster, detect, embed, people
from facelib.stages.setup import Setup
from facelib.thresholds import FIELDS, Thresholds

MODELS = {
    "face-detector": "mtcnn",
    "body-detector": "face-geometry",
    "face-embedder": "facelib-ensemble",
    "body-embedder": "facelib-body",
    "face-judge": "facelib-judge",
}
# Recorded in November 2026. Where one of them must change (a model gives other numbers, a stage works otherwise), the commit says so.
RECIPES = {
    "mtcnn": ("detect/1:2787eb707b321fe1", "embed/1:4e39e2b12d81acbb"),
    "yunet": ("detect/1:82214a4e06842f1f", "embed/1:9e3c6a22f0084ff1"),
    "face-geometry": ("detect/1:2787eb707b321fe1", "embed/1:4e39e2b12d81acbb"),
    "yolox-nano": ("detect/1:7b67b99e8636b1df", "embed/1:ae57834f9daa29da"),
    "dlib-resnet": ("detect/1:2787eb707b321fe1", "embed/1:ffa2d8b53caa559f"),
    "face-reid-0095": ("detect/1:2787eb707b321fe1", "embed/1:14f074e0d62bed30"),
    "facelib-face": ("detect/1:1201f2794a7df066", "embed/1:3318863ddb317176"),
    "facelib-ensemble": ("detect/1:2787eb707b321fe1", "embed/1:4e39e2b12d81acbb"),
    "facelib-judge": ("detect/1:2787eb707b321fe1", "embed/1:4e39e2b12d81acbb"),
    "detector-view": ("detect/1:d4d0d8298654dec7", "embed/1:a5edc927db8c4575"),
    "facenet-vggface2": ("detect/1:2787eb707b321fe1", "embed/1:2cabe40901886487"),
    "colour-texture": ("detect/1:2787eb707b321fe1", "embed/1:b03129eda9a2cf50"),
    "facelib-body": ("detect/1:2787eb707b321fe1", "embed/1:4e39e2b12d81acbb"),
    "body-reid-0286": ("detect/1:2787eb707b321fe1", "embed/1:f96d1729e98b5c4c"),
}
"""The recipes of ``detect`` and ``embed`` for :data:`MODELS` with one model exchanged, under the thresholds calibrated for them."""


SUGGESTING = {name for name in FIELDS if name.startswith("drift_")} | {"split_threshold", "suggestion_reach"}
"""The thresholds that only shape what is proposed to the user, when it is asked for."""


def test_every_other_threshold_is_in_the_recipe_of_a_stage() -> None:
    """Else a change of it would not be felt before something else changes."""
    read = {name for stage in (detect, embed, cluster, assign, people) for name in stage.READS}
    assert read == FIELDS.keys() - SUGGESTING


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_as_recorded(name: str) -> None:
    models = {**MODELS, registry.card(name).task: name}
    assert tuple(setup_for(models, Settings()).photo_recipes().values()) == RECIPES[name]


def test_recipes_under_the_default_thresholds_are_as_recorded() -> None:
    assert Setup(MODELS, Thresholds()).photo_recipes() == {"detect": "detect/1:f6afec7cbc68fe8c", "embed": "embed/1:f6bc06bd5286fb41"}
