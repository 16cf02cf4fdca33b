"""body-reid-0286: person-reidentification-retail-0286 of Open Model Zoo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from facelib.model_zoo.card import ModelCard
from facelib.vision.embedders import NetworkBodyEmbedder
from facelib.vision.openvino_runtime import OpenvinoRuntime


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> NetworkBodyEmbedder:
    """The network as an embedder."""
    return NetworkBodyEmbedder(card, OpenvinoRuntime(card, files["network"], files["weights"], threads))
