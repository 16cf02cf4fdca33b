"""Muon makes the step of a filter bank orthogonal as a matrix, in the size of a step of AdamW."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from facelib.training.muon import FilterMuon


def step_of(gradient: Tensor) -> Tensor:
    """The first step from zero, scaled so that its singular values are about 1."""
    weight = nn.Parameter(torch.zeros_like(gradient))
    weight.grad = gradient.clone()
    FilterMuon([weight], lr=1.0).step()
    return -weight.detach() / (0.2 * max(gradient.flatten(1).shape) ** 0.5)


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 40), columns=st.integers(1, 40), seed=st.integers(0, 1000), scale=st.sampled_from([1e-4, 1.0, 1e4]))
def test_singular_values_are_about_one_whatever_they_were(rows: int, columns: int, seed: int, scale: float) -> None:
    matrix = scale * torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    found = step_of(matrix)
    assert found.shape == matrix.shape
    values = torch.linalg.svdvals(found)
    assert float(values.max()) < 1.3
    # What is next to singular stays small: five rounds do not lift it.
    before = torch.linalg.svdvals(matrix)
    assert (values[before > 0.02 * before.max()] > 0.5).all()


def test_it_keeps_the_directions_and_leaves_zero_alone() -> None:
    matrix = torch.randn(8, 20, generator=torch.Generator().manual_seed(0))
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    assert torch.nn.functional.cosine_similarity(step_of(matrix).flatten(), (u @ v).flatten(), dim=0) > 0.97
    assert not step_of(torch.zeros(3, 5)).any()


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_filters_move_as_one_matrix_in_either_memory_format(memory_format: torch.memory_format) -> None:
    gradient = torch.randn(8, 4, 3, 3, generator=torch.Generator().manual_seed(0)).to(memory_format=memory_format)
    as_matrix = step_of(gradient.contiguous().flatten(1)).view(8, 4, 3, 3)
    torch.testing.assert_close(step_of(gradient), as_matrix, atol=0.02, rtol=0)


@pytest.mark.parametrize("shape", [(16, 8), (8, 4, 3, 3)])
def test_a_step_has_the_size_of_adamws_and_decay_shrinks(shape: tuple[int, ...]) -> None:
    weight = nn.Parameter(torch.ones(shape))
    weight.grad = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    FilterMuon([weight], lr=0.01).step()
    size = float((weight.detach() - 1).square().mean().sqrt())
    assert 0.001 < size < 0.003
    weight.grad = torch.zeros(shape)
    still = nn.Parameter(torch.ones(shape))
    still.grad = torch.zeros(shape)
    FilterMuon([still], lr=0.1, weight_decay=0.5).step()
    torch.testing.assert_close(still.detach(), torch.full(shape, 0.95))
