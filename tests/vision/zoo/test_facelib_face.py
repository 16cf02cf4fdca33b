"""The network for faces: its shape, its folding, and its file, which is read once for all that share it."""

from __future__ import annotations

import copy
import gc
import shutil
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from facelib.errors import WeightsError
from facelib.model_zoo import registry, weights
from facelib.vision.fused_blocks import ConvNorm, FusedBlock, fold
from facelib.vision.zoo.facelib_face import DIMENSION, FacelibFace, network, read_facelib_face, shared_network


def pixels(n: int = 3) -> torch.Tensor:
    return torch.rand(n, 3, 112, 112, generator=torch.Generator().manual_seed(0)) * 2 - 1


def used(net: nn.Module) -> nn.Module:
    """With normalisations that have seen something."""
    torch.manual_seed(0)
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean = torch.randn(part.num_features) * 0.1
            part.running_var = torch.rand(part.num_features) + 0.5
    return net.eval()


def test_faces_become_unit_vectors_and_log_odds_where_asked_for() -> None:
    with torch.inference_mode():
        plain, telling = FacelibFace().eval()(pixels()), FacelibFace(branches=True).eval()(pixels())
    assert plain.shape == (3, DIMENSION) and telling.shape == (3, DIMENSION + 2)
    torch.testing.assert_close(plain.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(telling[:, :DIMENSION].norm(dim=1), torch.ones(3))


def test_maps_halve() -> None:
    assert [tuple(part.shape[1:]) for part in FacelibFace().eval().maps(pixels(1))] == [(48, 28, 28), (96, 14, 14), (192, 7, 7)]


def test_folding_changes_no_number_and_leaves_no_normalisation() -> None:
    net = used(FacelibFace())
    assert isinstance(net, FacelibFace)
    with torch.inference_mode():
        before = net(pixels())
        folded = fold(copy.deepcopy(net))
        after = folded(pixels())
    torch.testing.assert_close(after, before, atol=1e-5, rtol=0)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())


@pytest.mark.parametrize("stride", [1, 2])
def test_a_block_keeps_what_it_is_given_only_where_the_shapes_agree(stride: int) -> None:
    block = FusedBlock(8, 16, 8, stride).eval()
    for part in block.modules():
        if isinstance(part, ConvNorm):
            nn.init.zeros_(part.conv.weight)
    x = torch.rand(1, 8, 6, 6)
    with torch.inference_mode():
        y = block(x)
    assert torch.equal(y, x) if stride == 1 else not y.any()


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "net.safetensors"
    save_file({"embed.weight": torch.zeros(2, 2)}, place)
    with pytest.raises(WeightsError, match="not the state"):
        read_facelib_face(place)
    place.write_bytes(b"no safetensors")
    with pytest.raises(WeightsError, match="not the state"):
        read_facelib_face(place)


def test_models_that_share_the_file_share_the_network_while_one_of_them_is_there(tmp_path: Path) -> None:
    card = registry.card("facelib-face")
    path, file = tmp_path / "network.safetensors", card.files["network"]
    shutil.copyfile(weights.find(card)["network"], path)
    net = shared_network(path, file, "cpu")
    assert shared_network(path, file, "cpu") is net
    assert shared_network(path, replace(file, sha256="0" * 64), "cpu") is not net, "another content of the file"
    assert network({"network": path}) is not net, "a network that may be trained belongs to no one else"
    again = weakref.ref(net)
    del net
    gc.collect()
    assert again() is None
