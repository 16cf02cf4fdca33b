"""Augmentation: random changes as between real photos: turned, shifted, mirrored, lit, blurred, reduced, covered, masked."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Augmentation:
    """How much of each change; amplitudes hold for a strength of 1, chances for one picture.

    Attributes
    ----------
    turn, zoom, shift : float
        Standard deviations: radians, logarithm of the scale, share of the side.
    light, colour : float
        Standard deviations of the logarithms of contrast and gamma, and of the three channels' gains.
    coarse, blur, noise, grey : float
        Chance that a picture is reduced, to a quarter at most, and enlarged again; is blurred; gets sensor noise; loses its colours.
    cover, mask, glasses : float
        Chance that a rectangle, a face mask or dark glasses cover a part of it. The last two need aligned faces.
    squeeze, lean, exposure : float
        Standard deviations, for bodies: logarithm of width by height, shear, logarithm of the brightness. Drawn only where not 0.
    """

    turn: float = 0.05
    zoom: float = 0.04
    shift: float = 0.015
    light: float = 0.25
    colour: float = 0.08
    coarse: float = 0.25
    blur: float = 0.15
    noise: float = 0.2
    grey: float = 0.05
    cover: float = 0.15
    mask: float = 0.06
    glasses: float = 0.06
    squeeze: float = 0.0
    lean: float = 0.0
    exposure: float = 0.0


def view(
    pictures: Tensor, matrix: Tensor, side: int, augmentation: Augmentation, strength: float, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """One random view of each picture.

    Parameters
    ----------
    pictures : Tensor of shape (n, 3, h, w), uint8 or float, 0..255
    matrix : Tensor of shape (2, 3), float
        From the coordinates of a view to those of a picture, both -1..1 over the whole, without augmentation.
    side : int
        Side of a view in pixels.
    augmentation : Augmentation
    strength : float
        0: only mirroring; 1: the full amplitudes.

    Returns
    -------
    views : Tensor of shape (n, 3, side, side), float32
        Pixel values scaled to -1..1.
    mirrored : Tensor of bool of shape (n,)
        Which views are mirror images.
    """
    n = len(pictures)
    mirrored = torch.rand(n, generator=random) < 0.5
    grid = functional.affine_grid(_affine(n, matrix, mirrored, augmentation, strength, random), [n, 3, side, side], align_corners=False)
    views = functional.grid_sample(pictures.float(), grid, mode="bilinear", padding_mode="border", align_corners=False) / 255
    if strength > 0:
        views = _cover(views, augmentation, strength, random)
        views = _coarsen(views, augmentation, strength, random)
        views = _relight(views, augmentation, strength, random)
    return (views * 2 - 1).contiguous(memory_format=torch.channels_last), mirrored


def _affine(n: int, matrix: Tensor, mirrored: Tensor, augmentation: Augmentation, strength: float, random: torch.Generator) -> Tensor:
    turn, zoom, right, down = strength * torch.randn(4, n, generator=random)
    angle, scale = augmentation.turn * turn, torch.exp(augmentation.zoom * zoom)
    flip = torch.where(mirrored, -1.0, 1.0)
    cosine, sine = scale * torch.cos(angle), scale * torch.sin(angle)
    jitter = torch.zeros(n, 3, 3)
    jitter[:, 0, 0], jitter[:, 0, 1], jitter[:, 0, 2] = cosine * flip, -sine, 2 * augmentation.shift * right
    jitter[:, 1, 0], jitter[:, 1, 1], jitter[:, 1, 2] = sine * flip, cosine, 2 * augmentation.shift * down
    jitter[:, 2, 2] = 1
    if augmentation.squeeze or augmentation.lean:
        narrow, lean = strength * torch.randn(2, n, generator=random)
        bend = torch.eye(3).repeat(n, 1, 1)
        bend[:, 0, 0], bend[:, 0, 1] = torch.exp(augmentation.squeeze * narrow), augmentation.lean * lean
        jitter = jitter @ bend
    return matrix @ jitter


def _drawn_rows(n: int, chance: float, random: torch.Generator) -> Tensor:
    return torch.nonzero(torch.rand(n, generator=random) < chance)[:, 0]


def _relight(views: Tensor, augmentation: Augmentation, strength: float, random: torch.Generator) -> Tensor:
    n, _, height, width = views.shape
    gamma = torch.exp(strength * augmentation.light * torch.randn(n, 1, 1, 1, generator=random))
    contrast = torch.exp(strength * augmentation.light * torch.randn(n, 1, 1, 1, generator=random))
    gain = torch.exp(strength * augmentation.colour * torch.randn(n, 3, 1, 1, generator=random))
    # Light from one side: a slope over the picture.
    slope = strength * augmentation.light * torch.randn(2, n, 1, 1, 1, generator=random)
    across = slope[0] * torch.linspace(-0.5, 0.5, width) + slope[1] * torch.linspace(-0.5, 0.5, height)[:, None]
    views = views.clamp(1e-3, 1).pow(gamma) * torch.exp(across) * gain
    if augmentation.exposure:
        views = views * torch.exp(strength * augmentation.exposure * torch.randn(n, 1, 1, 1, generator=random))
    mean = views.mean(dim=(1, 2, 3), keepdim=True)
    views = (views - mean) * contrast + mean
    grey = _drawn_rows(n, strength * augmentation.grey, random)
    views[grey] = views[grey].mean(dim=1, keepdim=True)
    noisy = _drawn_rows(n, strength * augmentation.noise, random)
    if len(noisy):
        sigma = 0.06 * torch.rand(len(noisy), 1, 1, 1, generator=random)
        views[noisy] += sigma * torch.randn(views[noisy].shape, generator=random)
    return views.clamp(0, 1)


def _coarsen(views: Tensor, augmentation: Augmentation, strength: float, random: torch.Generator) -> Tensor:
    n, _, height, width = views.shape
    for row in _drawn_rows(n, strength * augmentation.coarse, random).tolist():
        factor = 1 + 3 * float(torch.rand((), generator=random))
        small = functional.interpolate(views[row : row + 1], size=(round(height / factor), round(width / factor)), mode="area")
        views[row] = functional.interpolate(small, size=(height, width), mode="bilinear")[0]
    blurred = _drawn_rows(n, strength * augmentation.blur, random)
    if len(blurred):
        sigma = 0.5 + 1.5 * float(torch.rand((), generator=random))
        weights = torch.exp(-0.5 * (torch.arange(-4.0, 5.0) / sigma).square())
        weights = (weights / weights.sum()).expand(3, 1, 1, 9)
        # Motion blurs along one direction, a lens along both.
        soft = functional.conv2d(functional.pad(views[blurred], (4, 4, 0, 0), mode="replicate"), weights, groups=3)
        if float(torch.rand((), generator=random)) < 0.5:
            soft = functional.conv2d(functional.pad(soft, (0, 0, 4, 4), mode="replicate"), weights.transpose(2, 3), groups=3)
        views[blurred] = soft
    return views


def _cover(views: Tensor, augmentation: Augmentation, strength: float, random: torch.Generator) -> Tensor:
    n, _, height, width = views.shape

    def number(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=random))

    def paint(row: int, top: float, bottom: float, left: float, right: float) -> None:
        rows, columns = slice(round(max(top, 0) * height), round(bottom * height)), slice(round(max(left, 0) * width), round(right * width))
        shade = torch.rand(3, 1, 1, generator=random)
        covered = views[row, :, rows, columns]
        views[row, :, rows, columns] = shade + 0.1 * torch.randn(covered.shape, generator=random)

    for row in _drawn_rows(n, strength * augmentation.cover, random).tolist():
        area, shape = number(0.03, 0.2), math.exp(number(-0.7, 0.7))
        tall, wide = min(math.sqrt(area * shape), 0.9), min(math.sqrt(area / shape), 0.9)
        top, left = number(0, 1 - tall), number(0, 1 - wide)
        paint(row, top, top + tall, left, left + wide)
    for row in _drawn_rows(n, strength * augmentation.mask, random).tolist():
        # From the bridge of the nose down, over the cheeks.
        paint(row, number(0.56, 0.66), 1.0, number(0.05, 0.18), number(0.82, 0.95))
    for row in _drawn_rows(n, strength * augmentation.glasses, random).tolist():
        top, tall = number(0.36, 0.42), number(0.12, 0.18)
        views[row, :, round(top * height) : round((top + tall) * height), round(0.12 * width) : round(0.88 * width)] *= number(0.0, 0.4)
    return views
