"""face-reid-0095: face-reidentification-retail-0095 of Open Model Zoo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from facelib.model_zoo.card import ModelCard
from facelib.vision.centering import read_centroids
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.openvino_runtime import OpenvinoRuntime


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> NetworkFaceEmbedder:
    """The network, with localized centering."""
    runtime = OpenvinoRuntime(card, files["network"], files["weights"], threads)
    return NetworkFaceEmbedder(card, runtime, read_centroids(files["centroids"], card.dimension).centered)
