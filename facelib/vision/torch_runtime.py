"""Embedders that run on torch: which net a card names, and how pixels go in and vectors come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from facelib.errors import WeightsError
from facelib.model_zoo import registry
from facelib.model_zoo.registry import ModelCard
from facelib.vision import device as devices
from facelib.vision.nets.dlib_format import read_layers
from facelib.vision.nets.dlib_resnet import DlibResnet
from facelib.vision.nets.ensemble import Ensemble
from facelib.vision.nets.facelib_body import read_facelib_body
from facelib.vision.nets.facelib_face import read_facelib_face
from facelib.vision.nets.facenet import read_facenet

_READERS: Mapping[str, Callable[..., nn.Module]] = {
    "dlib-resnet": lambda path, _centre: _dlib_resnet(path),
    "facelib-ensemble": lambda other, _centre, _blend, own, _centres: read_ensemble(own, other),
    "facenet-vggface2": read_facenet,
    "facelib-face": lambda path, _centres: read_facelib_face(path),
    "facelib-judge": read_facelib_face,
    "facelib-body": read_facelib_body,
}


def load(card: ModelCard, paths: list[Path], device: str, threads: int | None) -> TorchRuntime:
    """The network of a card, ready to run; errors as for :func:`network`, and an InputError where there is no such device."""
    place = devices.choose(device)
    return TorchRuntime(network(card, paths), card, place, threads, half=card.half and devices.fast_bfloat16(place))


def network(card: ModelCard, paths: list[Path]) -> nn.Module:
    """The network of a card from its checked files.

    Raises
    ------
    WeightsError
        If the files do not hold the network, or no network is known for the card.
    """
    if card.name not in _READERS:
        raise WeightsError(f"this version cannot run model '{card.name}'")
    return _READERS[card.name](*paths)


def _dlib_resnet(path: Path) -> DlibResnet:
    return DlibResnet(read_layers(path.read_bytes()))


def read_ensemble(own: Path, other: Path) -> Ensemble:
    """Both networks from ``facelib-face``'s file and dlib's; a WeightsError if one holds something else."""
    dlib = registry.card("dlib-resnet")
    return Ensemble(read_facelib_face(own), _dlib_resnet(other), dlib.mean, dlib.scale)


class TorchRuntime:
    """A torch module on one device, without gradients.

    Parameters
    ----------
    threads : int or None
        Threads of one operation; torch keeps this number for the whole process. None: leave it as it is.
    half : bool
        Convolutions and products in bfloat16.
    """

    def __init__(
        self, net: nn.Module, card: ModelCard, device: torch.device, threads: int | None = None, half: bool = False
    ) -> None:
        if threads and device.type == "cpu":
            torch.set_num_threads(threads)
        # Convolutions on a CPU run about a fifth faster with the channels last.
        self._net = net.eval().requires_grad_(False).to(device=device, memory_format=torch.channels_last)
        self._mean = torch.tensor(card.mean, device=device).view(1, 3, 1, 1)
        self._scale = card.scale
        self._bgr = card.colour == "BGR"
        self._device = device
        self._half = half

    def run(self, chips: np.ndarray) -> np.ndarray:
        ordered = chips[..., ::-1] if self._bgr else chips
        pixels = torch.from_numpy(np.ascontiguousarray(ordered)).to(self._device).permute(0, 3, 1, 2)
        with torch.inference_mode(), torch.autocast(self._device.type, torch.bfloat16, enabled=self._half):
            vectors = self._net((pixels.float() - self._mean).div_(self._scale))
        return np.asarray(vectors.float().cpu().numpy(), dtype=np.float32)
