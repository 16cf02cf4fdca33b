"""facenet-vggface2: InceptionResnetV1 of facenet-pytorch, without the classifier it was trained with."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from facelib.errors import WeightsError
from facelib.model_zoo.card import ModelCard
from facelib.model_zoo.offline import facenet_without_dependencies
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.torch_runtime import TorchRuntime


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> NetworkFaceEmbedder:
    """The network as an embedder."""
    return NetworkFaceEmbedder(card, TorchRuntime.of(network(files), card, device, threads))


def network(files: Mapping[str, Path]) -> nn.Module:
    """The network from the files of its card; errors as for :func:`read_facenet`."""
    return read_facenet(files["network"])


def convert(published: Path, target: Path) -> None:
    """Write the published pickle as safetensors, without the classifier; errors as for :func:`read_facenet`."""
    from safetensors.torch import save_file

    save_file({name: value.contiguous() for name, value in read_facenet(published).state_dict().items()}, target)


def read_facenet(path: Path) -> nn.Module:
    """Faces of shape (n, 3, 160, 160) to unit vectors of shape (n, 512).

    A pickle, as it is published, is read by torch's restricted unpickler, which runs no code; safetensors as they are.
    Every weight must fit.

    Raises
    ------
    WeightsError
        If the file holds anything but the state of this network.
    """
    with facenet_without_dependencies():
        from facenet_pytorch import InceptionResnetV1
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        state = load_file(path) if path.suffix == ".safetensors" else torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, SafetensorError, pickle.UnpicklingError, EOFError, OSError) as error:
        raise WeightsError(f"cannot read {path}: {str(error).splitlines()[0]}") from error
    # On the meta device nothing is drawn at random first, only to be overwritten.
    with torch.device("meta"):
        net = InceptionResnetV1(pretrained=None, classify=False, num_classes=None)
    try:
        kept = {name: value for name, value in state.items() if not name.startswith("logits.")}
        net.load_state_dict(kept, strict=True, assign=True)
    except (RuntimeError, AttributeError, TypeError) as error:
        raise WeightsError(f"{path} is not the state of InceptionResnetV1") from error
    module: nn.Module = net
    return module
