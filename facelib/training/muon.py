"""Muon (Jordan et al. 2024) for networks with convolutions: torch's optimizer, which takes matrices only, on filters seen as matrices.

A filter bank of n outputs is a matrix of n rows. AdamW scales each number by itself; Muon makes the whole step orthogonal, so that
rare directions are learned as fast as common ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn


class FilterMuon(torch.optim.Muon):
    """Muon for parameters of two or more dimensions; all dimensions but the first count as one.

    Learning rate and weight decay mean the same as for AdamW (Liu et al. 2025, "Moonlight").

    Parameters
    ----------
    parameters : iterable of Parameter
        Each contiguous, or of four dimensions in the memory format ``channels_last``.
    lr, weight_decay : float
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float = 0.0) -> None:
        self._filters = list(parameters)
        # The matrices share memory with the filters: a step on one is a step on the other.
        matrices = [nn.Parameter(_channels_last(p, p.detach()).view(len(p), -1)) for p in self._filters]
        super().__init__(matrices, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
        self._matrices = matrices

    def step(self, closure: None = None) -> None:
        for p, matrix in zip(self._filters, self._matrices, strict=True):
            matrix.grad = None if p.grad is None else _channels_last(p, p.grad).reshape(len(p), -1)
        super().step()


def _channels_last(parameter: Tensor, values: Tensor) -> Tensor:
    """The values in the order in which the parameter lies in memory."""
    return values if parameter.is_contiguous() else values.permute(0, 2, 3, 1)
