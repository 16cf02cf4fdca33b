"""facelib-face: this program's own face embedder, trained by ``scripts/train_face.py``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.model_zoo.card import ModelCard, ModelFile
from facelib.vision import device as devices
from facelib.vision.centering import read_centroids
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.fused_blocks import ConvNorm, read_folded, stage
from facelib.vision.torch_runtime import TorchRuntime

DIMENSION = 256
_STEM, _WIDTHS, _DOWN, _BLOCKS, _EXPANSION, _HEAD = 24, (48, 96, 192), (72, 128, 256), (0, 2, 2), 4 / 3, 384
_MAP = 7


_LOADED: WeakValueDictionary[tuple[str, str, str], FacelibFace] = WeakValueDictionary()


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> NetworkFaceEmbedder:
    """The network, with localized centering."""
    net = shared_network(files["network"], card.files["network"], device)
    centering = read_centroids(files["centroids"], card.dimension)
    return NetworkFaceEmbedder(card, TorchRuntime.of(net, card, device, threads), centering.centered)


def network(files: Mapping[str, Path]) -> FacelibFace:
    """The network from the files of its card; errors as for :func:`read_facelib_face`."""
    return read_facelib_face(files["network"])


def shared_network(path: Path, file: ModelFile, device: str) -> FacelibFace:
    """The network of a checked file, read once for all models of this process that run it on one device; for inference only."""
    key = (str(path), file.sha256, str(devices.choose(device)))
    net = _LOADED.get(key)
    if net is None:
        net = _LOADED[key] = read_facelib_face(path)
    return net


class Branch(nn.Module):
    """Features of shape (n, 384) to log odds of shape (n, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(2 * _WIDTHS[-1], 32)
        self.odds = nn.Linear(32, 1)

    @staticmethod
    def features(last: Tensor) -> Tensor:
        """Mean and greatest value of each channel of the last map of shape (n, 192, 7, 7)."""
        return torch.cat([last.mean(dim=(2, 3)), last.amax(dim=(2, 3))], dim=1)

    def forward(self, features: Tensor) -> Tensor:
        return cast(Tensor, self.odds(functional.relu(self.hidden(features))))


class FacelibFace(nn.Module):
    """Faces of shape (n, 3, 112, 112), pixel values scaled to -1..1, to unit vectors of shape (n, 256).

    The map shrinks to 56, 28, 14 and 7; the head weighs every cell of the last map for each channel (global depthwise
    convolution, Chen et al. 2018) and is linear from there on.

    Parameters
    ----------
    branches : bool
        Whether two branches estimate that the vector can be trusted, and that there is a face: their log odds are then
        the 257th and the 258th number of each row.
    """

    def __init__(self, branches: bool = False) -> None:
        super().__init__()
        self.trust = Branch() if branches else None
        self.presence = Branch() if branches else None
        self.stem = ConvNorm(3, _STEM, 3, 2)
        widths = (_STEM, *_WIDTHS)
        self.stages = nn.ModuleList(
            stage(before, down, after, blocks, _EXPANSION) for before, down, after, blocks in zip(widths, _DOWN, _WIDTHS, _BLOCKS)
        )
        self.wide = ConvNorm(_WIDTHS[-1], _HEAD, 1)
        # The names of the layers are those in the weights file.
        self.places = ConvNorm(_HEAD, _HEAD, _MAP, padding=0, groups=_HEAD)
        self.embed = nn.Linear(_HEAD, DIMENSION, bias=False)

    def maps(self, x: Tensor) -> list[Tensor]:
        """The maps of side 28, 14 and 7, of 48, 96 and 192 channels."""
        maps = []
        x = functional.relu(self.stem(x))
        for each in self.stages:
            x = each(x)
            maps.append(x)
        return maps

    def head(self, last: Tensor) -> Tensor:
        """The last of :meth:`maps` to vectors of shape (n, 256), before they are scaled to unit length."""
        return cast(Tensor, self.embed(self.places(functional.relu(self.wide(last))).flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        last = self.maps(x)[-1]
        vectors = functional.normalize(self.head(last).float())
        if self.trust is None or self.presence is None:
            return vectors
        features = Branch.features(last.float())
        return torch.cat([vectors, self.trust(features), self.presence(features)], dim=1)


def read_facelib_face(path: Path) -> FacelibFace:
    """The network from its safetensors file, ready to run in float32.

    Raises
    ------
    WeightsError
        If the file holds anything but its state.
    """
    return read_folded("facelib-face", lambda state: FacelibFace(branches="trust.odds.weight" in state), path)
