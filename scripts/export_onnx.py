"""Export an embedder that runs on torch to ONNX, for other programs and runtimes. Needs the extra 'training'.

    python scripts/export_onnx.py EMBEDDER OUT.onnx

The graph takes ``pixels``, float32 of shape (n, 3, height, width), values 0..255 in the card's order of colours, aligned to the
card's template, and gives ``vectors``, float32 of shape (n, dimension), rows of unit length, and where the network tells how
far each may be trusted, ``reliability`` of shape (n,), and whether there is a face, ``presence``, both 0..1. That is one pass
in float32: the mean with the mirror image, for a card that says so, and the centering of the vectors (dlib's mean,
facelib-face's centroids) are left to the caller. Card, licence and template stand in the file's metadata. ``facelib-ensemble`` is
two networks: export each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.errors import InputError
from facelib.model_zoo import registry, weights
from facelib.model_zoo.registry import ModelCard
from facelib.vision.loader import module_of

OPSET = 17


class FromPixels(nn.Module):
    """A network with what the card says of its input before it, and scaling to unit length and to probabilities behind it."""

    def __init__(self, net: nn.Module, card: ModelCard) -> None:
        super().__init__()
        self.net = net.eval().requires_grad_(False)
        self.register_buffer("mean", torch.tensor(card.mean).view(1, 3, 1, 1))
        self.scale, self.dimension, self.outputs = card.scale, card.dimension, ["vectors"]
        if card.reliability:
            self.outputs += ["reliability", "presence"]

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        found = self.net((pixels - self.mean) / self.scale)
        judged = torch.sigmoid(found[:, self.dimension :])
        return functional.normalize(found[:, : self.dimension]), *judged.unbind(dim=1)


def export(card: ModelCard, out: Path) -> None:
    """Write the graph of a card's network.

    Raises
    ------
    InputError
        If the card is of two networks, or of something else than a torch network.
    WeightsError
        If the weights are missing or wrong.
    """
    if len([role for role in card.files if role.endswith("network")]) > 1:
        raise InputError(f"{card.name} is two networks", "export each of them by its own card")
    network = getattr(module_of(card), "network", None)
    if network is None:
        raise InputError(f"{card.name} is no torch network")
    net = FromPixels(network(weights.find(card)), card)
    width, height = card.input_size
    # Two pictures, so that the number of pictures is not taken for a constant.
    torch.onnx.export(
        net,
        (torch.zeros(2, 3, height, width),),
        str(out),
        input_names=["pixels"],
        output_names=net.outputs,
        dynamic_axes={name: {0: "n"} for name in ("pixels", *net.outputs)},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(str(out))
    onnx.checker.check_model(model)
    about = {
        "model": card.name,
        "digest": card.digest,
        "licence": card.licence_weights,
        "origin": card.origin,
        "colour": card.colour,
        "template": json.dumps(card.template),
    }
    onnx.helper.set_model_props(model, about)
    onnx.save(model, str(out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    export(registry.card(options.embedder), options.out)
    data = options.out.read_bytes()
    print(f"{options.out}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
