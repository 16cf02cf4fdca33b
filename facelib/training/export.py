"""Export of a trained network: batch normalisation folded into the filters, half precision, safetensors."""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path

from torch import nn

from facelib.vision.fused_blocks import fold


def export_weights(net: nn.Module, path: Path) -> str:
    """Write a network's weights as safetensors in half precision; the network itself stays as it is.

    Returns
    -------
    str
        Name, size and SHA-256 of the file, for the model card.
    """
    from safetensors.torch import save_file

    folded = fold(copy.deepcopy(net).cpu().eval())
    save_file({name: value.half().contiguous() for name, value in folded.state_dict().items()}, path)
    data = path.read_bytes()
    return f"{path.name}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}"
