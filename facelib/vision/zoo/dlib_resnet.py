"""dlib-resnet: dlib's face recognition ResNet (King 2017, CC0) as a torch module.

The architecture is that of dlib/examples/dnn_face_recognition_ex.cpp; each affine layer is folded into the
convolution before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.errors import WeightsError
from facelib.model_zoo.card import ModelCard
from facelib.vision.centering import read_mean
from facelib.vision.dlib_format import Affine, Connected, Convolution, Layer, read_layers
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.torch_runtime import TorchRuntime

_BLOCKS = 14


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> NetworkFaceEmbedder:
    """The network, whose vectors lose most of the mean of all faces."""
    runtime = TorchRuntime.of(network(files), card, device, threads)
    return NetworkFaceEmbedder(card, runtime, read_mean(files["mean_vector"], card.dimension).centered)


def network(files: Mapping[str, Path]) -> DlibResnet:
    """The network from the files of its card; errors as for :func:`read_dlib_resnet`."""
    return read_dlib_resnet(files["network"])


def read_dlib_resnet(path: Path) -> DlibResnet:
    """The network from a file in dlib's format; a :class:`WeightsError` if it holds something else."""
    return DlibResnet(read_layers(path.read_bytes()))


class Block(nn.Module):
    """Two convolutions and a shortcut; both ends are zero-padded to the larger size and channel count, then added."""

    def __init__(self, first: nn.Conv2d, second: nn.Conv2d) -> None:
        super().__init__()
        self.first = first
        self.second = second
        self.halves = first.stride[0] == 2

    def forward(self, x: Tensor) -> Tensor:
        branch = self.second(functional.relu_(self.first(x)))
        shortcut = functional.avg_pool2d(x, 2, 2) if self.halves else x
        size = [max(a, b) for a, b in zip(branch.shape[1:], shortcut.shape[1:], strict=True)]
        return functional.relu_(_zero_padded(branch, size) + _zero_padded(shortcut, size))


class DlibResnet(nn.Module):
    """Faces of shape (n, 3, 150, 150), RGB, less the card's mean and divided by 256, to vectors of shape (n, 128)."""

    def __init__(self, layers: list[Layer]) -> None:
        super().__init__()
        kinds = [Convolution, Affine] * (1 + 2 * _BLOCKS) + [Connected]
        if [type(layer) for layer in layers] != kinds:
            raise WeightsError("this dlib network is not the face recognition ResNet", "install face_recognition_models 0.3.0 again")
        folded = [_fold(a, b) for a, b in zip(layers[0:-1:2], layers[1:-1:2], strict=True)]
        self.stem = folded[0]
        self.blocks = nn.Sequential(*(Block(a, b) for a, b in zip(folded[1::2], folded[2::2], strict=True)))
        last = layers[-1]
        assert isinstance(last, Connected)
        self.head = nn.Parameter(torch.from_numpy(last.matrix.copy()), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu_(self.stem(x)), 3, 2)
        pooled: Tensor = self.blocks(x).mean(dim=(2, 3))
        return pooled @ self.head


def _fold(convolution: Layer, affine: Layer) -> nn.Conv2d:
    assert isinstance(convolution, Convolution) and isinstance(affine, Affine)
    filters, gains = torch.from_numpy(convolution.filters.copy()), torch.from_numpy(affine.gammas.copy())
    out_channels, in_channels, rows, columns = filters.shape
    layer = nn.Conv2d(in_channels, out_channels, (rows, columns), convolution.stride, convolution.padding)
    with torch.no_grad():
        layer.weight.copy_(filters * gains[:, None, None, None])
        layer.bias.copy_(torch.from_numpy(convolution.biases) * gains + torch.from_numpy(affine.betas))
    return layer.requires_grad_(False)


def _zero_padded(x: Tensor, size: list[int]) -> Tensor:
    """``x`` with zeros behind its channels, rows and columns up to ``size``."""
    channels, rows, columns = (want - have for want, have in zip(size, x.shape[1:], strict=True))
    if channels or rows or columns:
        return functional.pad(x, (0, columns, 0, rows, 0, channels))
    return x
