"""Synthetic clothes: random fabrics, and silhouettes that wear a fabric in front of a background.

Everything is drawn in batches by one random generator. Pictures are float32, 0..1, of shape (n, 3, side, side), in the frame of an
upper-body box: the chin above the upper edge, the shoulders in the upper half, the waist near the lower edge.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

PATTERNS = ("plain", "stripes", "checks", "dots", "two-tone", "print", "logo", "open")
"""Kinds of fabric: ``open`` is an open jacket over a shirt, perhaps with a tie."""


def fabrics(n: int, side: int, random: torch.Generator) -> Tensor:
    """``n`` fabrics, each of a random kind of :data:`PATTERNS`, in random colours, with weave and folds."""
    kinds = torch.randint(len(PATTERNS), (n,), generator=random)
    masks = torch.zeros(n, 1, side, side)
    for kind, name in enumerate(PATTERNS):
        rows = torch.nonzero(kinds == kind)[:, 0]
        if len(rows) and name != "plain":
            masks[rows] = _DRAWN[name](len(rows), side, random)
    first, second = colours(n, random), colours(n, random)
    # Two colours that look the same make no pattern.
    alike = (first - second).abs().sum(dim=1, keepdim=True) < 0.35
    second = torch.where(alike, torch.where(first.mean(dim=1, keepdim=True) > 0.5, first * 0.3, 1 - 0.5 * (1 - first)), second)
    cloth = first * (1 - masks) + second * masks
    third = colours(n, random)
    collared = _uniform(n, 0, 1, random) < 0.35
    cloth = torch.where(collared & (_collar(n, side, random) > 0.5), third, cloth)
    weave = _uniform(n, 0, 0.05, random) * torch.randn(n, 1, side, side, generator=random)
    folds = _uniform(n, 0, 0.2, random) * smooth_noise(n, 1, side, 5, random)
    return (cloth * (1 + folds) + weave).clamp(0, 1)


def colours(n: int, random: torch.Generator) -> Tensor:
    """Colours as clothes have them, shape (n, 3, 1, 1): many black, white, grey and navy, some of any hue."""
    hue, saturation, value = _uniform(n, 0, 1, random), _uniform(n, 0.1, 1, random), _uniform(n, 0.15, 1, random)
    # Hue to channels: three shifted triangles.
    angles = hue + torch.tensor([0.0, 1 / 3, 2 / 3]).view(1, 3, 1, 1)
    ramp = ((angles % 1.0) * 6 - 3).abs().sub(1).clamp(0, 1)
    vivid = value * (1 - saturation * (1 - ramp))
    grey = _uniform(n, 0.03, 0.97, random) * (1 + 0.06 * torch.randn(n, 3, 1, 1, generator=random))
    navy = torch.tensor([0.1, 0.13, 0.25]).view(1, 3, 1, 1) * _uniform(n, 0.4, 1.6, random)
    kind = _uniform(n, 0, 1, random)
    return torch.where(kind < 0.55, vivid, torch.where(kind < 0.9, grey, navy)).clamp(0, 1)


def smooth_noise(n: int, channels: int, side: int, cells: int, random: torch.Generator) -> Tensor:
    """Normal noise on a grid of ``cells`` x ``cells``, enlarged: shape (n, channels, side, side)."""
    coarse = torch.randn(n, channels, cells, cells, generator=random)
    return functional.interpolate(coarse, size=(side, side), mode="bilinear", align_corners=False)


def backdrops(photos: Tensor, side: int, random: torch.Generator) -> Tensor:
    """Backgrounds: a part of each photo (n, 3, h, w), or smooth colours."""
    n = len(photos)
    zoom = _uniform(n, 0.25, 0.6, random).view(n)
    shift = (torch.rand(2, n, generator=random) * 2 - 1) * (1 - zoom)
    matrix = torch.zeros(n, 2, 3)
    matrix[:, 0, 0], matrix[:, 1, 1] = zoom, zoom
    matrix[:, :, 2] = shift.T
    grid = functional.affine_grid(matrix, [n, 3, side, side], align_corners=False)
    parts = functional.grid_sample(photos, grid, mode="bilinear", padding_mode="border", align_corners=False)
    plain = (colours(n, random) + 0.12 * smooth_noise(n, 3, side, 4, random)).clamp(0, 1)
    return torch.where(_uniform(n, 0, 1, random) < 0.65, parts, plain)


def cut_out(pictures: Tensor, behind: Tensor, random: torch.Generator) -> Tensor:
    """Pictures of bodies with everything outside of a random silhouette replaced by ``behind``, both of shape (n, 3, side, side)."""
    n, _, _, side = pictures.shape
    x, y = _frame(n, side)
    middle, neck, shoulder = _uniform(n, -0.12, 0.12, random), _uniform(n, 0.24, 0.4, random), _uniform(n, 0.75, 1.15, random)
    top, slope = _uniform(n, 0.02, 0.16, random), _uniform(n, 0.12, 0.3, random)
    # From the neck out to the shoulders along an S, then straight down.
    rise = ((y - top) / slope).clamp(0, 1)
    width = neck + (shoulder - neck) * rise * rise * (3 - 2 * rise)
    inside = torch.sigmoid((width - (x - middle).abs()) * side / 2)
    return pictures * inside + behind * (1 - inside)


def necklines(n: int, side: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Skin above a garment, in a round or V neck: its colour (n, 3, 1, 1) and its mask (n, 1, side, side), 0..1."""
    x, y = _frame(n, side)
    depth, half = _uniform(n, 0.03, 0.4, random), _uniform(n, 0.25, 0.5, random)
    down = y / depth
    pointed = half * (1 - down)
    rounded = half * (1 - down.square()).clamp_min(0).sqrt()
    edge = torch.where(_uniform(n, 0, 1, random) < 0.5, pointed, rounded)
    mask = torch.sigmoid((edge - x.abs()) * side / 2) * (down < 1)
    tone = _uniform(n, 0.25, 0.95, random)
    return tone * torch.tensor([1.0, 0.78, 0.66]).view(1, 3, 1, 1) * (1 + 0.05 * torch.randn(n, 3, 1, 1, generator=random)), mask


def _uniform(n: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(n, 1, 1, 1, generator=random)


def _frame(n: int, side: int) -> tuple[Tensor, Tensor]:
    """x from -1 to 1 and y from 0 to 1, of shape (1, 1, 1, side) and (1, 1, side, 1)."""
    return torch.linspace(-1, 1, side).view(1, 1, 1, side), torch.linspace(0, 1, side).view(1, 1, side, 1)


def _wave(n: int, side: int, angle: Tensor, random: torch.Generator) -> Tensor:
    """Position along a direction, in periods: shape (n, 1, side, side)."""
    x, y = _frame(n, side)
    periods = torch.exp(_uniform(n, math.log(3), math.log(16), random))
    return periods * (torch.cos(angle) * x / 2 + torch.sin(angle) * y) + _uniform(n, 0, 1, random)


def _quarters(n: int, random: torch.Generator) -> Tensor:
    """Angles: mostly upright or level and a little askew, sometimes slanted."""
    square = torch.randint(2, (n, 1, 1, 1), generator=random) * (math.pi / 2)
    slant = _uniform(n, 0, math.pi, random)
    return torch.where(_uniform(n, 0, 1, random) < 0.8, square + 0.05 * torch.randn(n, 1, 1, 1, generator=random), slant)


def _lines(wave: Tensor, duty: Tensor) -> Tensor:
    return ((wave % 1.0) < duty).float()


def _stripes(n: int, side: int, random: torch.Generator) -> Tensor:
    return _lines(_wave(n, side, _quarters(n, random), random), _uniform(n, 0.15, 0.6, random))


def _checks(n: int, side: int, random: torch.Generator) -> Tensor:
    angle, duty = _quarters(n, random), _uniform(n, 0.2, 0.6, random)
    across, along = _lines(_wave(n, side, angle, random), duty), _lines(_wave(n, side, angle + math.pi / 2, random), duty)
    return (across + along) / 2


def _dots(n: int, side: int, random: torch.Generator) -> Tensor:
    x, y = _frame(n, side)
    periods, size = torch.exp(_uniform(n, math.log(4), math.log(12), random)), _uniform(n, 0.15, 0.4, random)
    row = (periods * y).floor()
    # Every second row is shifted by half.
    u, v = (periods * x / 2 + 0.5 * (row % 2)) % 1.0 - 0.5, (periods * y) % 1.0 - 0.5
    return (u.square() + v.square() < size.square()).float()


def _two_tone(n: int, side: int, random: torch.Generator) -> Tensor:
    x, y = _frame(n, side)
    yoke = (y < _uniform(n, 0.25, 0.7, random)).float().expand(-1, -1, -1, side)
    sleeves = (x.abs() > _uniform(n, 0.4, 0.75, random)).float().expand(-1, -1, side, -1)
    band = ((y - _uniform(n, 0.3, 0.8, random)).abs() < _uniform(n, 0.04, 0.15, random)).float().expand(-1, -1, -1, side)
    return _chosen(n, (yoke, sleeves, band), random)


def _print(n: int, side: int, random: torch.Generator) -> Tensor:
    fine, coarse = smooth_noise(n, 1, side, 24, random), smooth_noise(n, 1, side, 10, random)
    noise = torch.where(_uniform(n, 0, 1, random) < 0.5, fine, coarse)
    return torch.sigmoid((noise - _uniform(n, -0.3, 0.8, random)) * 8)


def _logo(n: int, side: int, random: torch.Generator) -> Tensor:
    """A small sign on the chest: a disc, a plate, or lines of writing."""
    x, y = _frame(n, side)
    across, down = (x - _uniform(n, -0.4, 0.4, random)) / _uniform(n, 0.1, 0.5, random), (y - _uniform(n, 0.35, 0.75, random)) / 0.15
    disc = (across.square() + down.square() < 1).float()
    plate = ((across.abs() < 1) & (down.abs() < _uniform(n, 0.3, 1.2, random))).float()
    letters = (smooth_noise(n, 1, side, 30, random) > 0).float() * plate
    return _chosen(n, (disc, plate, letters), random)


def _open(n: int, side: int, random: torch.Generator) -> Tensor:
    """The shirt between the lapels, narrowing to the button; 0.4 inside it where there is a tie, so a third shade."""
    x, y = _frame(n, side)
    half = _uniform(n, 0.25, 0.6, random) * (1 - y / _uniform(n, 0.5, 1.6, random)).clamp_min(0)
    shirt = (x.abs() < half).float()
    tie = (x.abs() < _uniform(n, 0.05, 0.12, random) * (0.6 + 0.6 * y)) & (_uniform(n, 0, 1, random) < 0.5)
    return shirt * torch.where(tie, 0.4, 1.0)


def _collar(n: int, side: int, random: torch.Generator) -> Tensor:
    """A band along the neckline."""
    x, y = _frame(n, side)
    depth, half, wide = _uniform(n, 0.1, 0.35, random), _uniform(n, 0.3, 0.55, random), _uniform(n, 0.04, 0.12, random)
    return ((x.abs() / half + y / depth - 1).abs() < wide / half).float()


def _chosen(n: int, masks: tuple[Tensor, ...], random: torch.Generator) -> Tensor:
    which = torch.randint(len(masks), (n, 1, 1, 1), generator=random)
    return sum((torch.where(which == k, mask, 0.0) for k, mask in enumerate(masks)), torch.zeros(()))


_DRAWN = {
    "stripes": _stripes,
    "checks": _checks,
    "dots": _dots,
    "two-tone": _two_tone,
    "print": _print,
    "logo": _logo,
    "open": _open,
}
