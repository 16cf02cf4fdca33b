"""From a trained network to the file that ships: normalisations folded in, half precision, one SHA-256."""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path

from torch import nn

from facelib.vision.fused_blocks import fold


def release(net: nn.Module, place: Path) -> str:
    """Write a network's weights as safetensors in half precision.

    Returns
    -------
    str
        Size and SHA-256, for the model card.
    """
    from safetensors.torch import save_file

    folded = fold(copy.deepcopy(net).cpu().eval())
    save_file({name: value.half().contiguous() for name, value in folded.state_dict().items()}, place)
    data = place.read_bytes()
    return f"{place.name}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}"
