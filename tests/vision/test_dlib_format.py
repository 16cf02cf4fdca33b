"""dlib's file format is read back as written, and damage is always refused."""

from __future__ import annotations

import contextlib
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from facelib.errors import WeightsError
from facelib.model_zoo import weights
from facelib.model_zoo.registry import card
from facelib.vision.dlib_format import Affine, Connected, Convolution, read_layers
from facelib.vision.zoo.dlib_resnet import DlibResnet


@cache
def real_bytes() -> bytes:
    return weights.find(card("dlib-resnet"))["network"].read_bytes()


def integer(value: int) -> bytes:
    size = (abs(value).bit_length() + 7) // 8 or 1
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def tensor(values: np.ndarray) -> bytes:
    return b"".join(map(integer, (2, values.size, 1, 1, 1))) + values.astype("<f4").tobytes()


def word(text: str) -> bytes:
    return integer(len(text)) + text.encode()


def small_net() -> bytes:
    convolution = word("con_4") + tensor(np.arange(2 * 3 * 4 + 2.0)) + b"".join(map(integer, (2, 2, 2, 1, 1, 0, 0)))
    affine = word("affine_") + tensor(np.array([1.0, 2, 3, 4]))
    connected = word("fc_2") + integer(3) + integer(2) + tensor(np.arange(6.0))
    return b"before" + convolution + b"between" + affine + connected + b"after"


def test_what_was_written_is_read() -> None:
    convolution, affine, connected = read_layers(small_net())
    assert isinstance(convolution, Convolution) and isinstance(affine, Affine) and isinstance(connected, Connected)
    assert convolution.filters.shape == (2, 3, 2, 2) and convolution.biases.tolist() == [24, 25]
    assert convolution.stride == (1, 1) and convolution.padding == (0, 0)
    assert affine.gammas.tolist() == [1, 2] and affine.betas.tolist() == [3, 4]
    assert connected.matrix.tolist() == [[0, 1, 2], [3, 4, 5]]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(small_net()) - 6))
def test_cut_short_it_is_refused_or_has_fewer_layers(length: int) -> None:
    with contextlib.suppress(WeightsError):
        assert len(read_layers(small_net()[:length])) < 3


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(small_net()) - 1), st.integers(1, 255))
def test_damage_never_ends_in_anything_but_a_weights_error(rubbish: bytes, at: int, flip: int) -> None:
    net = bytearray(small_net())
    net[at] ^= flip
    for data in (rubbish, bytes(net), bytes(net[:at]) + rubbish):
        with contextlib.suppress(WeightsError):
            read_layers(data)


def test_the_real_network_has_the_shape_it_should_have() -> None:
    layers = read_layers(real_bytes())
    assert [sum(isinstance(layer, kind) for layer in layers) for kind in (Convolution, Affine, Connected)] == [29, 29, 1]
    first, last = layers[0], layers[-1]
    assert isinstance(first, Convolution) and first.filters.shape == (32, 3, 7, 7) and first.stride == (2, 2)
    assert isinstance(last, Connected) and last.matrix.shape == (256, 128)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.999])
def test_the_real_network_cut_short_is_refused(part: float) -> None:
    data = real_bytes()
    with pytest.raises(WeightsError):
        DlibResnet(read_layers(data[: int(len(data) * part)]))


def test_folding_the_affine_layers_changes_nothing() -> None:
    """The network layer by layer as its definition reads, in float64, against the module."""
    layers = read_layers(real_bytes())
    x = torch.from_numpy(np.random.default_rng(0).normal(0, 0.25, (2, 3, 150, 150)))
    expected = _plain(layers, x)
    with torch.inference_mode():
        got = DlibResnet(layers).eval()(x.float()).double()
    assert (got - expected).abs().max() < 1e-4
    assert 1.0 < float(expected.norm(dim=1).mean()) < 1.8


def _plain(layers: list[object], x: torch.Tensor) -> torch.Tensor:
    nn = torch.nn.functional

    def convolved(x: torch.Tensor, index: int) -> torch.Tensor:
        convolution, affine = layers[2 * index], layers[2 * index + 1]
        assert isinstance(convolution, Convolution) and isinstance(affine, Affine)
        filters, biases = torch.from_numpy(convolution.filters).double(), torch.from_numpy(convolution.biases).double()
        y = nn.conv2d(x, filters, biases, convolution.stride, convolution.padding)
        return y * torch.from_numpy(affine.gammas).double()[:, None, None] + torch.from_numpy(affine.betas).double()[:, None, None]

    x = nn.max_pool2d(nn.relu(convolved(x, 0)), 3, 2)
    for block in range(14):
        branch = convolved(nn.relu(convolved(x, 1 + 2 * block)), 2 + 2 * block)
        first = layers[2 + 4 * block]
        assert isinstance(first, Convolution)
        shortcut = nn.avg_pool2d(x, 2, 2) if first.stride == (2, 2) else x
        total = torch.zeros(len(x), *(max(a, b) for a, b in zip(branch.shape[1:], shortcut.shape[1:], strict=True)), dtype=x.dtype)
        for part in (branch, shortcut):
            total[:, : part.shape[1], : part.shape[2], : part.shape[3]] += part
        x = nn.relu(total)
    last = layers[-1]
    assert isinstance(last, Connected)
    return x.mean(dim=(2, 3)) @ torch.from_numpy(last.matrix).double()
