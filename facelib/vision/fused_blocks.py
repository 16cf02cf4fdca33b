"""The blocks of this program's own networks: dense convolutions, at which ordinary processors are fastest.

A fused inverted residual block (Tan and Le 2021, "EfficientNetV2") widens by a dense 3x3 convolution where MobileNetV2 has a
pointwise and a depthwise one: more arithmetic, but fewer passes over memory. Channels are weighed by squeeze and
excitation (Hu et al. 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from facelib.errors import WeightsError

Net = TypeVar("Net", bound=nn.Module)


class ConvNorm(nn.Module):
    """A convolution and its batch normalisation; :func:`fold` makes the two one convolution."""

    def __init__(self, before: int, after: int, side: int, stride: int = 1, padding: int | None = None, groups: int = 1) -> None:
        super().__init__()
        pad = side // 2 if padding is None else padding
        self.conv = nn.Conv2d(before, after, side, stride, pad, groups=groups, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.norm(self.conv(x)))

    def fold(self) -> None:
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
            self.norm = nn.Identity()


class Excitation(nn.Module):
    """Weighs the channels of a map by their means over the map."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, max(8, channels // reduction), 1)
        self.excite = nn.Conv2d(self.squeeze.out_channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        whole = functional.relu(self.squeeze(x.mean(dim=(2, 3), keepdim=True)))
        return x * torch.sigmoid(self.excite(whole))


class FusedBlock(nn.Module):
    """Widen by 3x3, weigh channels, project by 1x1 without an activation; added to its input where the shapes agree."""

    def __init__(self, before: int, wide: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.widen = ConvNorm(before, wide, 3, stride)
        self.weigh = Excitation(wide)
        self.project = ConvNorm(wide, after, 1)
        self.residual = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        y = cast(Tensor, self.project(self.weigh(functional.relu(self.widen(x)))))
        return x + y if self.residual else y


def stage(before: int, down: int, after: int, blocks: int, expansion: float) -> nn.Sequential:
    """One block that halves the map, ``down`` channels wide, then ``blocks`` residual ones, ``expansion`` times as wide as ``after``."""
    layers = [FusedBlock(before, down, after, stride=2)]
    layers += [FusedBlock(after, round(after * expansion), after) for _ in range(blocks)]
    return nn.Sequential(*layers)


def fold(net: nn.Module) -> nn.Module:
    """Make every :class:`ConvNorm` of a network one convolution, in place: the same numbers, in less time. For inference only."""
    for module in net.modules():
        if isinstance(module, ConvNorm):
            module.fold()
    return net


def read_folded(name: str, build: Callable[[Mapping[str, Tensor]], Net], path: Path) -> Net:
    """A network of this program's own from the file that :func:`facelib.training.export.export_weights` wrote, ready to run in float32.

    Parameters
    ----------
    name : str
        For the error.
    build : callable
        From the state of the file to a network of that shape, whose normalisations are not folded yet.

    Raises
    ------
    WeightsError
        If the file holds anything but that network's state.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = {key: value.float() for key, value in load_file(path).items()}
        # On the meta device nothing is drawn at random first, only to be overwritten.
        with torch.device("meta"):
            net = build(state)
            fold(net)
        net.load_state_dict(state, strict=True, assign=True)
    except (SafetensorError, RuntimeError, OSError) as error:
        raise WeightsError(f"{path} is not the state of {name}") from error
    return net
