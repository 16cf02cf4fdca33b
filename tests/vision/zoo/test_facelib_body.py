"""The network for upper bodies: its shape, its folding, and its file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from facelib.errors import WeightsError
from facelib.vision.fused_blocks import ConvNorm, fold
from facelib.vision.zoo.facelib_body import DIMENSION, SIDE, FacelibBody, read_facelib_body


def net(seed: int = 0) -> FacelibBody:
    """With normalisations that have seen something, else folding them would be no test."""
    torch.manual_seed(seed)
    made = FacelibBody()
    made.train()
    with torch.no_grad():
        for _ in range(3):
            made(pixels(8))
    return made.eval()


def pixels(n: int = 3) -> torch.Tensor:
    return torch.rand(n, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(n)) * 2 - 1


@torch.inference_mode()
def test_rows_are_unit_and_do_not_depend_on_their_neighbours() -> None:
    made = net()
    rows = made(pixels(5))
    assert rows.shape == (5, DIMENSION) and rows.dtype == torch.float32
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(5))
    torch.testing.assert_close(made(pixels(5)[2:3]), rows[2:3], atol=1e-5, rtol=0)


@torch.inference_mode()
def test_folding_keeps_the_numbers() -> None:
    made = net()
    before = made(pixels())
    fold(made)
    assert all(isinstance(part.norm, torch.nn.Identity) for part in made.modules() if isinstance(part, ConvNorm))
    torch.testing.assert_close(made(pixels()), before, atol=1e-5, rtol=0)


def test_only_its_own_state_is_read(tmp_path: Path) -> None:
    place = tmp_path / "net.safetensors"
    folded = fold(net())
    state = {name: value.contiguous() for name, value in folded.state_dict().items()}
    save_file(state, place)
    with torch.inference_mode():
        torch.testing.assert_close(read_facelib_body(place).eval()(pixels()), folded(pixels()))
    save_file({name: value for name, value in state.items() if name != "embed.weight"}, place)
    with pytest.raises(WeightsError, match="not the state of facelib-body"):
        read_facelib_body(place)
    place.write_bytes(b"no tensors")
    with pytest.raises(WeightsError):
        read_facelib_body(place)
