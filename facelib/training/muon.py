"""Muon (Jordan et al. 2024): steps of momentum made orthogonal, for the filters of a network.

A filter bank of n outputs is a matrix of n rows. Where AdamW weighs each number alone, Muon gives the whole matrix a step
whose singular values are all about 1, so that rare directions are learned as fast as common ones. Measured on facelib-face
from its first step on, 64 faces a step: after 100 steps as near to its teacher as AdamW after 150, at 3 % more time.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

# The quintic of Jordan's report: few rounds, singular values between about 0.7 and 1.2.
_QUINTIC = 3.4445, -4.7750, 2.0315
_ROUNDS = 5
# Steps get the mean square that AdamW's usually have, so that rates and weight decay mean the same (Liu et al. 2025, "Moonlight").
_SIZE = 0.2


def orthogonal(matrix: Tensor) -> Tensor:
    """About the nearest (semi-)orthogonal matrix, of the same shape, by Newton and Schulz; the zero matrix stays zero."""
    a, b, c = _QUINTIC
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = wide / wide.norm().clamp_min(1e-12)
    for _ in range(_ROUNDS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


class Muon(torch.optim.Optimizer):
    """For parameters of two dimensions or more; all but the first count as one.

    Parameters
    ----------
    parameters : iterable of Parameter
    lr : float
        As AdamW's.
    weight_decay : float
        As AdamW's: apart from the gradient.
    momentum : float
        Nesterov's.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float = 0.0, momentum: float = 0.95) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    def step(self, closure: None = None) -> None:
        with torch.no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self._move(parameter, **group)

    def _move(self, parameter: nn.Parameter, lr: float, weight_decay: float, momentum: float, **_: object) -> None:
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        ahead = parameter.grad.lerp(state["momentum"], momentum).flatten(1)
        parameter.mul_(1 - lr * weight_decay)
        parameter.add_(orthogonal(ahead).view(parameter.shape), alpha=-lr * _SIZE * max(ahead.shape) ** 0.5)
