from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from facelib.errors import WeightsError
from facelib.vision.nets.facelib_face import DIMENSION, FacelibFace, read_facelib_face
from facelib.vision.nets.fused_blocks import ConvNorm, FusedBlock, fold


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
