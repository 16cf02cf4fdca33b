"""The setup of a run: models, thresholds, device; and the recipes that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facelib.model_zoo import registry
from facelib.model_zoo.registry import ModelCard
from facelib.stages import detect, embed
from facelib.thresholds import Thresholds


@dataclass(frozen=True)
class Setup:
    """Models by task, the thresholds in force for them, and where to compute; ``threads`` for each process.

    ``clusterer`` is one of :data:`facelib.clustering.cluster.CLUSTERERS`.
    """

    models: Mapping[str, str]
    thresholds: Thresholds
    device: str = "auto"
    threads: int = 1
    clusterer: str = "average"

    def card(self, task: str) -> ModelCard:
        """The card of the model in use for a task."""
        return registry.card(self.models[task])

    def photo_recipes(self) -> dict[str, str]:
        """The recipes in force of the per-photo stages; each stage needs the results of those before it."""
        return {
            detect.NAME: detect.recipe(self.models, self.thresholds),
            embed.NAME: embed.recipe(self.models, self.thresholds),
        }
