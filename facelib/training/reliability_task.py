"""The training task of the two branches of ``facelib-face``: whether a vector can be trusted, and whether the crop shows a face.

The vector of a view can be trusted if it is nearer to the teacher's vector of the undamaged face than a threshold that hardly any
pair of strangers is below; the vector of a crop without a face never can. This is a property of this network's vectors. Whether
there is a face matters for every embedder: a face of few pixels, or blurred, is a face; a detail of a face is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.training.augment import Augmentation, view
from facelib.vision.zoo.facelib_face import Branch, FacelibFace

_BATCH = 64
_HURT = Augmentation(turn=0.12, zoom=0.1, shift=0.03, light=0.35, cover=0.2, mask=0.08, glasses=0.08)


@dataclass(frozen=True)
class Examples:
    """Input and target of a branch: ``features`` of shape (n, 384), ``target`` of shape (n,), 0 or 1."""

    features: np.ndarray
    target: np.ndarray

    @classmethod
    def join(cls, parts: list[Examples]) -> Examples:
        return cls(np.concatenate([part.features for part in parts]), np.concatenate([part.target for part in parts]))


def damaged(views: Tensor, random: torch.Generator) -> Tensor:
    """Half of the views as they are; the others reduced to a few pixels, blurred, cut in half, turned far, or all but covered.

    Parameters
    ----------
    views : Tensor of shape (n, 3, side, side), -1..1
    """
    views = views.clone()
    side = views.shape[-1]
    kinds = torch.randint(0, 10, (len(views),), generator=random).tolist()

    def number(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=random))

    for row, kind in enumerate(kinds):
        one = views[row : row + 1]
        if kind == 0:
            views[row] = _reduced(one, round(side / math.exp(number(1.0, 3.0))))[0]
        elif kind == 1:
            views[row] = _blurred(one, number(1.5, 9.0))[0]
        elif kind == 2:
            # Half a face: the crop lies beside it.
            by = number(0.2, 0.8) * side * (1 if number(0, 1) < 0.5 else -1)
            views[row] = _moved(one, by if number(0, 1) < 0.6 else 0.0, by)[0]
        elif kind == 3:
            views[row] = _turned(one, number(0.5, math.pi), number(0.5, 2.0))[0]
        elif kind == 4:
            tall = round(number(0.3, 0.9) * side)
            top = round(number(0, 1) * (side - tall))
            views[row, :, top : top + tall] = torch.rand(3, 1, 1, generator=random) * 2 - 1
    return views


def trust_of_faces(
    net: FacelibFace, pictures: np.ndarray, teacher: np.ndarray, matrix: Tensor, threshold: float, random: torch.Generator
) -> Examples:
    """A damaged view of each face; the target is whether its vector is still nearer than ``threshold`` to the teacher's (cosine distance).

    Parameters
    ----------
    net : FacelibFace
        Trained, for inference.
    pictures : ndarray of shape (n, 128, 128, 3), uint8
    teacher : ndarray of shape (n, 256), rows of unit length
    matrix : Tensor of shape (2, 3)
        As for :func:`facelib.training.augment.view`.
    """
    parts = []
    for start in range(0, len(pictures), _BATCH):
        batch = torch.from_numpy(np.ascontiguousarray(pictures[start : start + _BATCH])).permute(0, 3, 1, 2)
        views, _ = view(batch, matrix, 112, _HURT, float(torch.rand((), generator=random)), random)
        features, vectors = _run(net, damaged(views, random))
        distance = 1 - (vectors * teacher[start : start + _BATCH]).sum(axis=1)
        parts.append(Examples(features, (distance < threshold).astype(np.float32)))
    return Examples.join(parts)


def examples_without_face(net: FacelibFace, chips: np.ndarray, random: torch.Generator | None = None) -> Examples:
    """Crops of shape (n, 112, 112, 3), uint8, that show no face, target 0; with ``random``, degraded as in poor photos."""
    parts = []
    for start in range(0, len(chips), _BATCH):
        pixels = torch.from_numpy(np.ascontiguousarray(chips[start : start + _BATCH])).permute(0, 3, 1, 2).float() / 127.5 - 1
        features, _ = _run(net, degraded(pixels, random) if random else pixels)
        parts.append(Examples(features, np.zeros(len(features), dtype=np.float32)))
    return Examples.join(parts)


def presence_of_faces(net: FacelibFace, pictures: np.ndarray, matrix: Tensor, whole: bool, random: torch.Generator) -> Examples:
    """A view of each face degraded as in a poor photo, target 1; if not ``whole``, of its surroundings or a detail of it, target 0.

    Other parameters as of :func:`trust_of_faces`.
    """
    parts = []
    for start in range(0, len(pictures), _BATCH):
        batch = torch.from_numpy(np.ascontiguousarray(pictures[start : start + _BATCH])).permute(0, 3, 1, 2)
        views, _ = view(batch, matrix, 112, _HURT, float(torch.rand((), generator=random)), random)
        features, _ = _run(net, degraded(views if whole else _missed(views, random), random))
        parts.append(Examples(features, np.full(len(features), float(whole), dtype=np.float32)))
    return Examples.join(parts)


def degraded(views: Tensor, random: torch.Generator) -> Tensor:
    """Four in ten reduced to 14 to 70 pixels and enlarged again, two in ten blurred.

    Parameters
    ----------
    views : Tensor of shape (n, 3, side, side), -1..1
    """
    views = views.clone()
    side = views.shape[-1]
    for row, kind in enumerate(torch.randint(0, 10, (len(views),), generator=random).tolist()):
        one, share = views[row : row + 1], float(torch.rand((), generator=random))
        if kind < 4:
            views[row] = _reduced(one, round(side / 8 * 5**share))[0]
        elif kind < 6:
            views[row] = _blurred(one, 0.8 + 4.2 * share)[0]
    return views


def _missed(views: Tensor, random: torch.Generator) -> Tensor:
    """Crops that miss the face by about half their side or more, or show a part of it enlarged."""
    missed = []
    for one in views.split(1):
        share, angle, side = torch.rand(3, generator=random).tolist()
        away = (0.45 + 0.45 * share) * views.shape[-1]
        if side < 0.5:
            missed.append(_moved(one, away * math.cos(2 * math.pi * angle), away * math.sin(2 * math.pi * angle)))
        else:
            missed.append(_turned(one, 2 * math.pi * angle, 0.15 + 0.3 * share))
    return torch.cat(missed)


def random_crops(pictures: np.ndarray, count: int, random: torch.Generator) -> np.ndarray:
    """Squares of random position and size cut out of pictures of shape (n, h, w, 3): ndarray of shape (count, 112, 112, 3), uint8."""
    side = pictures.shape[1]
    crops = []
    for _ in range(count):
        row = int(torch.randint(0, len(pictures), (), generator=random))
        size = int(side * (0.3 + 0.7 * float(torch.rand((), generator=random))))
        top, left = (int(torch.randint(0, side - size + 1, (), generator=random)) for _ in range(2))
        part = torch.from_numpy(np.ascontiguousarray(pictures[row, top : top + size, left : left + size])).permute(2, 0, 1)
        crops.append(functional.interpolate(part[None].float(), size=(112, 112), mode="bilinear")[0].permute(1, 2, 0).to(torch.uint8))
    return torch.stack(crops).numpy()


class ReliabilityTask:
    """See :class:`facelib.training.loop.Task`: cross entropy of a branch; the rest of the network is not trained."""

    def __init__(self, examples: Examples, batch: int = 512, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.modules = nn.ModuleDict({"net": Branch()})
        self._features = torch.from_numpy(examples.features)
        self._target = torch.from_numpy(examples.target)
        self._batch = batch

    def losses(self, step: int, progress: float, random: torch.Generator) -> dict[str, Tensor]:
        rows = torch.randint(0, len(self._features), (self._batch,), generator=random)
        odds = self.modules["net"](self._features[rows])[:, 0]
        return {"cross-entropy": functional.binary_cross_entropy_with_logits(odds, self._target[rows])}


def calibrate(branch: Branch, examples: Examples) -> tuple[float, float]:
    """Scale and shift the branch's log odds so that they are calibrated on data it was not trained on (Platt 1999), in place.

    Returns
    -------
    scale, shift : float
        The log odds were multiplied by the one, then the other was added.
    """
    with torch.no_grad():
        odds = branch(torch.from_numpy(examples.features))[:, 0].double()
    wanted = torch.from_numpy(examples.target).double()
    values = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([values], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.binary_cross_entropy_with_logits(values[0] * odds + values[1], wanted)
        value.backward()
        return value

    optimizer.step(loss)
    scale, shift = values.detach().tolist()
    with torch.no_grad():
        branch.odds.weight.mul_(scale)
        branch.odds.bias.mul_(scale).add_(shift)
    return scale, shift


def _run(net: FacelibFace, views: Tensor) -> tuple[np.ndarray, np.ndarray]:
    with torch.inference_mode():
        last = net.maps(views.contiguous(memory_format=torch.channels_last))[-1]
        vectors = functional.normalize(net.head(last))
        return Branch.features(last).numpy(), vectors.numpy()


def _reduced(one: Tensor, side: int) -> Tensor:
    """Reduced to ``side`` pixels, and enlarged again."""
    small = functional.interpolate(one, size=(side, side), mode="area")
    return functional.interpolate(small, size=one.shape[2:], mode="bilinear")


def _blurred(one: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(2.5 * sigma)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma).square())
    weights = (weights / weights.sum()).expand(3, 1, 1, -1)
    across = functional.conv2d(functional.pad(one, (reach, reach, 0, 0), mode="replicate"), weights, groups=3)
    down = weights.transpose(2, 3)
    return functional.conv2d(functional.pad(across, (0, 0, reach, reach), mode="replicate"), down, groups=3)


def _moved(one: Tensor, right: float, down: float) -> Tensor:
    half = one.shape[-1] / 2
    matrix = torch.tensor([[1.0, 0, right / half], [0, 1, down / half]])[None]
    return _sampled(one, matrix)


def _turned(one: Tensor, angle: float, scale: float) -> Tensor:
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    return _sampled(one, torch.tensor([[cosine, -sine, 0], [sine, cosine, 0]])[None])


def _sampled(one: Tensor, matrix: Tensor) -> Tensor:
    grid = functional.affine_grid(matrix, list(one.shape), align_corners=False)
    return functional.grid_sample(one, grid, padding_mode="border", align_corners=False)
