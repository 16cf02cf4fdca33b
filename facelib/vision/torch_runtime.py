"""Torch: how pixels go into a module and vectors come out."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from facelib.model_zoo.card import ModelCard
from facelib.vision import device as devices


class TorchRuntime:
    """A torch module on one device, without gradients.

    Parameters
    ----------
    threads : int or None
        Threads of one operation; torch keeps this number for the whole process. None: leave it as it is.
    half : bool
        Convolutions and products in bfloat16.
    """

    def __init__(self, net: nn.Module, card: ModelCard, device: torch.device, threads: int | None = None, half: bool = False) -> None:
        if threads and device.type == "cpu":
            torch.set_num_threads(threads)
        # Convolutions on a CPU run about a fifth faster with the channels last.
        self._net = net.eval().requires_grad_(False).to(device=device, memory_format=torch.channels_last)
        self._mean = torch.tensor(card.mean, device=device).view(1, 3, 1, 1)
        self._scale = card.scale
        self._bgr = card.colour == "BGR"
        self._device = device
        self._half = half

    @classmethod
    def of(cls, net: nn.Module, card: ModelCard, device: str, threads: int | None) -> TorchRuntime:
        """The network of a card on the device of that name, in bfloat16 where the card allows it and the device is faster so.

        Raises
        ------
        InputError
            If there is no such device.
        """
        chosen = devices.choose(device)
        return cls(net, card, chosen, threads, half=card.half and devices.fast_bfloat16(chosen))

    def run(self, chips: np.ndarray) -> np.ndarray:
        ordered = chips[..., ::-1] if self._bgr else chips
        pixels = torch.from_numpy(np.ascontiguousarray(ordered)).to(self._device).permute(0, 3, 1, 2)
        with torch.inference_mode(), torch.autocast(self._device.type, torch.bfloat16, enabled=self._half):
            vectors = self._net((pixels.float() - self._mean).div_(self._scale))
        return np.asarray(vectors.float().cpu().numpy(), dtype=np.float32)
