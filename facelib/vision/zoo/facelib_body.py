"""facelib-body: this program's own upper-body embedder, trained by ``scripts/train_body.py``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn
from torch.nn import functional

from facelib.model_zoo.card import ModelCard
from facelib.vision.embedders import NetworkBodyEmbedder
from facelib.vision.fused_blocks import ConvNorm, read_folded, stage
from facelib.vision.torch_runtime import TorchRuntime

DIMENSION = 128
SIDE = 96
_STEM, _WIDTHS, _DOWN, _BLOCKS, _EXPANSION, _HEAD = 16, (32, 64, 96), (48, 80, 128), (0, 1, 1), 4 / 3, 256
_GRID_SIDE = 3


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> NetworkBodyEmbedder:
    """The network as an embedder."""
    return NetworkBodyEmbedder(card, TorchRuntime.of(network(files), card, device, threads))


def network(files: Mapping[str, Path]) -> FacelibBody:
    """The network from the files of its card; errors as for :func:`read_facelib_body`."""
    return read_facelib_body(files["network"])


class FacelibBody(nn.Module):
    """Upper bodies of shape (n, 3, 96, 96), pixel values scaled to -1..1, to unit vectors of shape (n, 128).

    The map shrinks to 48, 24, 12 and 6. The head takes the means over a grid of 3 x 3 cells, so that a step to the side
    changes little, and weighs them for each channel: a collar counts at the top, a print in the middle.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, _STEM, 3, 2)
        widths = (_STEM, *_WIDTHS)
        self.stages = nn.Sequential(
            *(stage(before, down, after, blocks, _EXPANSION) for before, down, after, blocks in zip(widths, _DOWN, _WIDTHS, _BLOCKS))
        )
        self.wide = ConvNorm(_WIDTHS[-1], _HEAD, 1)
        # The names of the layers are those in the weights file.
        self.places = ConvNorm(_HEAD, _HEAD, _GRID_SIDE, padding=0, groups=_HEAD)
        self.embed = nn.Linear(_HEAD, DIMENSION, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        last = functional.relu(self.wide(self.stages(functional.relu(self.stem(x)))))
        means = functional.adaptive_avg_pool2d(last, _GRID_SIDE)
        return functional.normalize(self.embed(self.places(means).flatten(1)).float())


def read_facelib_body(path: Path) -> FacelibBody:
    """The network from its safetensors file, ready to run in float32.

    Raises
    ------
    WeightsError
        If the file holds anything but its state.
    """
    return read_folded("facelib-body", lambda state: FacelibBody(), path)
