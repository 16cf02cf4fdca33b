"""Losses. All vectors are rows of unit length, all results are means over the batch."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional


def embedding_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean cosine distance ``1 - s . t`` of a student's vectors to the teacher's, both of shape (n, d); 0..2."""
    return (1 - (student * teacher).sum(dim=1)).mean()


def relation_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean squared difference of the two matrices of similarities inside the batch (Park et al. 2019, relational distillation).

    Both of shape (n, d), n >= 2; the dimensions of student and teacher may differ.
    """
    n = len(student)
    difference = student @ student.T - teacher @ teacher.T
    return difference.square().sum() / (n * (n - 1))


def hint_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Squared difference of two maps of shape (n, c, h, w), divided by the teacher's variance: 1 if the student gives its mean."""
    variance = teacher.var(dim=(0, 2, 3), keepdim=True).clamp_min(1e-6)
    return ((student - teacher).square() / variance).mean()


def contrastive_loss(a: Tensor, b: Tensor, different: Tensor, margin: float) -> Tensor:
    """Siamese contrastive loss ``(1 - y) D^2 + y max(0, margin - D)^2`` (Hadsell et al. 2006), D the Euclidean distance.

    Parameters
    ----------
    a, b : Tensor of shape (n, d)
    different : Tensor of shape (n,)
        y: 1 where the two are different people, else 0.
    margin : float
        Between unit vectors D lies in 0..2.
    """
    square = (a - b).square().sum(dim=1)
    # The root has no gradient at 0.
    apart = (margin - square.clamp_min(1e-12).sqrt()).clamp_min(0)
    y = different.to(square.dtype)
    return ((1 - y) * square + y * apart.square()).mean()


def instance_loss(a: Tensor, b: Tensor, temperature: float) -> Tensor:
    """Instance discrimination (NT-Xent, Chen et al. 2020): among all other rows, row k of ``b`` is to be found from row k of ``a``.

    ``a`` and ``b``, of shape (n, d), hold two views of the same n instances in the same order.
    """
    both = torch.cat([a, b])
    scores = both @ both.T / temperature
    scores.fill_diagonal_(-torch.inf)
    partner = torch.arange(len(both), device=both.device).roll(len(a))
    return functional.cross_entropy(scores, partner)


class MarginSoftmax(nn.Module):
    """Margin-mining softmax: an angular margin for the true class, and more weight on hard negatives the better training goes.

    The true class scores ``s cos(theta + m)`` (ArcFace, Deng et al. 2019). Another class that scores above that is a hard
    negative; its cosine c becomes ``c (t + c)``, where t follows the mean cosine of the true classes (CurricularFace, Huang
    et al. 2020): easy examples count first, hard ones later.

    Parameters
    ----------
    classes, dimension : int
    margin : float
        m, radians.
    scale : float
        s.
    """

    curriculum: Tensor

    def __init__(self, classes: int, dimension: int, margin: float = 0.4, scale: float = 32.0) -> None:
        super().__init__()
        self.centres = nn.Parameter(functional.normalize(torch.randn(classes, dimension)))
        self.register_buffer("curriculum", torch.zeros(()))
        self._margin = margin
        self._scale = scale

    def forward(self, vectors: Tensor, person: Tensor) -> Tensor:
        """Cross entropy of unit ``vectors`` of shape (n, d) against ``person`` of shape (n,), int64."""
        cosines = (vectors @ functional.normalize(self.centres).T).clamp(-1, 1)
        true = cosines.gather(1, person[:, None])
        if self.training:
            self.curriculum.lerp_(true.detach().mean(), 0.01)
        # Past pi - m the cosine would rise again: from there on a straight line goes on falling.
        sine = (1 - true.square()).clamp_min(1e-9).sqrt()
        cosine_m, sine_m = math.cos(self._margin), math.sin(self._margin)
        shifted = true * cosine_m - sine * sine_m
        target = torch.where(true > -cosine_m, shifted, true - self._margin * sine_m)
        hard = cosines > target
        mined = torch.where(hard, cosines * (self.curriculum + cosines), cosines)
        scores = self._scale * mined.scatter(1, person[:, None], target)
        return cast(Tensor, functional.cross_entropy(scores, person))
