"""The training task of ``facelib-body``: two views of the same clothes get similar vectors, views of other clothes do not.

Instance discrimination: every crop of a person, every photo of a garment and every drawn fabric is one instance. A batch holds two
views of each, as two photos of one moment would show it: in other light, from another angle, partly covered, in front of another
background.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.training.augment import Augmentation, view
from facelib.training.bodies_dataset import Bodies
from facelib.training.garments import backdrops, cut_out, fabrics, necklines
from facelib.training.loop import device_of
from facelib.training.losses import instance_loss
from facelib.vision.zoo.facelib_body import SIDE, FacelibBody


@dataclass(frozen=True)
class Batch:
    """How many instances of each kind a batch holds, and how often their background is replaced.

    Attributes
    ----------
    people, garments, fabrics : int
    people_cut, garments_cut : float
        Chance that a view of one gets another background; a fabric always gets one.
    coarse_side, coarse_until : int, float
        Up to this share of the run, views have this side in pixels: small views cost less and teach as much at first
        (Tan and Le 2021, progressive learning).
    """

    people: int = 24
    garments: int = 20
    fabrics: int = 20
    people_cut: float = 0.4
    garments_cut: float = 0.6
    coarse_side: int = 64
    coarse_until: float = 0.6


class BodyTask:
    """See :class:`facelib.training.loop.Task`.

    Parameters
    ----------
    bodies : Bodies
        Only the people that may be trained on are used.
    temperature : float
        Of the instance loss.
    """

    def __init__(self, bodies: Bodies, batch: Batch, augmentation: Augmentation, temperature: float = 0.1, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.modules = nn.ModuleDict({"net": FacelibBody()})
        self._people, self._garments = _planes(bodies.trained), _planes(bodies.garments)
        self._batch, self._augmentation, self._temperature = batch, augmentation, temperature

    def losses(self, step: int, progress: float, random: torch.Generator) -> dict[str, Tensor]:
        side = self._batch.coarse_side if progress < self._batch.coarse_until else SIDE
        first, second, _ = self.view_pairs(side, min(1.0, 0.4 + progress), random)
        a, b = self.modules["net"](torch.cat([first, second]).to(device_of(self.modules))).chunk(2)
        return {"instance": instance_loss(a, b, self._temperature)}

    def view_pairs(self, side: int, strength: float, random: torch.Generator) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
        """Two views of each instance of a batch, (n, 3, side, side) in -1..1, and the rows of the people and of the garments they show."""
        batch = self._batch
        people = torch.randperm(len(self._people), generator=random)[: batch.people]
        garments = torch.randperm(len(self._garments), generator=random)[: batch.garments]
        zoom = 0.38 + 0.27 * torch.rand(len(garments), generator=random)
        cloth = torch.cat([_middle(self._garments[garments], zoom, side), fabrics(batch.fabrics, side, random)])
        skin, mask = necklines(len(cloth), side, random)
        crops = _middle(self._people[people], torch.ones(len(people)), side)
        worn, bare = torch.cat([crops, cloth * (1 - mask) + skin * mask]), torch.cat([crops, cloth])
        chance = torch.cat([torch.full((len(people),), batch.people_cut), torch.full((len(garments),), batch.garments_cut)])
        chance = torch.cat([chance, torch.ones(batch.fabrics)])
        views = [self._view(worn, bare, chance, strength, random) for _ in range(2)]
        return views[0], views[1], (people, garments)

    def _view(self, worn: Tensor, bare: Tensor, chance: Tensor, strength: float, random: torch.Generator) -> Tensor:
        cut = torch.nonzero(torch.rand(len(worn), generator=random) < chance)[:, 0]
        side = bare.shape[3]
        if len(cut):
            photos = self._garments[torch.randint(len(self._garments), (len(cut),), generator=random)].float() / 255
            bare = bare.index_copy(0, cut, cut_out(worn[cut], backdrops(photos, side, random), random))
        return view(bare * 255, torch.eye(2, 3), side, self._augmentation, strength, random)[0]


def _middle(photos: Tensor, fraction: Tensor, side: int) -> Tensor:
    """The middle ``fraction`` of each photo, 0..1, of shape (n, 3, side, side)."""
    matrix = torch.zeros(len(photos), 2, 3)
    matrix[:, 0, 0], matrix[:, 1, 1] = fraction, fraction
    grid = functional.affine_grid(matrix, [len(photos), 3, side, side], align_corners=False)
    return functional.grid_sample(photos.float() / 255, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _planes(pictures: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
