"""The training task of ``facelib-face``: distillation of a teacher's embeddings and, at first, of its inner feature maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.evaluation.centroids import kmeans_centroids
from facelib.geometry import similarity_transform
from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.training.augment import Augmentation, view
from facelib.training.faces_dataset import SIDE, FaceTable, read_teacher
from facelib.training.loop import device_of
from facelib.training.losses import MarginSoftmax, contrastive_loss, embedding_loss, hint_loss, relation_loss
from facelib.vision.centering import localized_centering
from facelib.vision.zoo.facelib_face import DIMENSION, FacelibFace


@dataclass(frozen=True)
class LossWeights:
    """The weight of each part of the loss; that of hints falls to 0 at ``hint_until``, a share of the run."""

    embedding: float = 1.0
    relation: float = 1.0
    hint: float = 0.5
    hint_until: float = 0.6
    contrastive: float = 0.0
    margin_softmax: float = 0.0


@dataclass(frozen=True)
class Faces:
    """Faces without names, with the outputs of a teacher.

    Attributes
    ----------
    pictures : ndarray of shape (n, 128, 128, 3), uint8, RGB
    embeddings : ndarray of shape (n, d), float32, rows of unit length
    hints : mapping of int to (ndarray of shape (n, c, side, side), int8, ndarray of shape (c,), float32)
        By side: the quantised maps and the scale of each channel.
    clean, every : ndarray of int64
        Rows for the beginning of the run, and all rows that may be trained on. A row that is listed twice is drawn twice as often.
    """

    pictures: np.ndarray
    embeddings: np.ndarray
    hints: Mapping[int, tuple[np.ndarray, np.ndarray]]
    clean: np.ndarray
    every: np.ndarray


@dataclass(frozen=True)
class NamedFaces:
    """Faces with names: pictures as in :class:`Faces`, and ``person`` of shape (n,), int64, from 0 on; two or more faces of each."""

    pictures: np.ndarray
    person: np.ndarray
    rows_of: tuple[np.ndarray, ...] = field(repr=False)

    @classmethod
    def of(cls, pictures: np.ndarray, names: np.ndarray) -> NamedFaces:
        """Faces whose name occurs only once are left out."""
        _, index, count = np.unique(names, return_inverse=True, return_counts=True)
        repeated = count[index] > 1
        person = np.unique(index[repeated], return_inverse=True)[1].astype(np.int64)
        rows = tuple(np.flatnonzero(person == k) for k in range(int(person.max(initial=-1)) + 1))
        return cls(pictures[repeated], person, rows)


class FaceTask:
    """See :class:`facelib.training.loop.Task`.

    Parameters
    ----------
    template : five (x, y)
        The landmarks in the network's input, in pixels.
    batch : int
        Faces a step; where named faces are used, as many of them in addition.
    clean_until : float
        Share of the run in which only ``faces.clean`` are used.
    named : NamedFaces or None
        Needed for the contrastive loss and the margin-mining softmax.
    net : FacelibFace or None
        The network to start with; None: random weights, by ``seed``.
    """

    def __init__(
        self,
        faces: Faces,
        template: tuple[tuple[float, float], ...],
        weights: LossWeights,
        augmentation: Augmentation,
        batch: int,
        clean_until: float = 0.1,
        named: NamedFaces | None = None,
        net: FacelibFace | None = None,
        seed: int = 0,
    ) -> None:
        torch.manual_seed(seed)
        net = net or FacelibFace()
        self.modules = nn.ModuleDict({"net": net})
        channels = dict(zip((28, 14, 7), (part[-1].project.conv.out_channels for part in net.stages)))
        for side, (maps, _) in faces.hints.items():
            self.modules[f"hint-{side}"] = nn.Conv2d(channels[side], maps.shape[1], 1)
        if named and weights.margin_softmax:
            self.modules["people"] = MarginSoftmax(len(named.rows_of), DIMENSION)
        self._faces, self._named, self._weights, self._augmentation = faces, named, weights, augmentation
        self._batch, self._clean_until = batch, clean_until
        self._matrix = crop_matrix(template)

    def losses(self, step: int, progress: float, random: torch.Generator) -> dict[str, Tensor]:
        rows = self._rows(progress, random)
        strength = min(1.0, 0.3 + progress)
        views, mirrored = self._views(self._faces.pictures, rows, strength, random)
        target = torch.from_numpy(self._faces.embeddings[rows]).to(views.device)
        net: FacelibFace = self.modules["net"]
        maps = net.maps(views)
        vectors = functional.normalize(net.head(maps[-1]))
        weights = self._weights
        parts = {
            "embedding": weights.embedding * embedding_loss(vectors, target),
            "relation": weights.relation * relation_loss(vectors, target),
        }
        hint = weights.hint * max(0.0, 1 - progress / weights.hint_until) if weights.hint_until else 0.0
        if hint > 0:
            for side, (values, scales) in self._faces.hints.items():
                parts[f"hint-{side}"] = hint * self._hint_loss(side, maps, values[rows], scales, mirrored)
        if self._named and (weights.contrastive or weights.margin_softmax):
            parts |= self._named_losses(self._named, strength, random)
        return parts

    def _rows(self, progress: float, random: torch.Generator) -> np.ndarray:
        from_rows = self._faces.clean if progress < self._clean_until else self._faces.every
        return np.sort(from_rows[torch.randperm(len(from_rows), generator=random)[: self._batch].numpy()])

    def _views(self, pictures: np.ndarray, rows: np.ndarray, strength: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
        batch = torch.from_numpy(np.ascontiguousarray(pictures[rows])).permute(0, 3, 1, 2)
        views, mirrored = view(batch, self._matrix, 112, self._augmentation, strength, random)
        return views.to(device_of(self.modules)), mirrored

    def _hint_loss(self, side: int, maps: list[Tensor], values: np.ndarray, scales: np.ndarray, mirrored: Tensor) -> Tensor:
        wanted = torch.from_numpy(values).float() * torch.from_numpy(scales)[:, None, None]
        wanted = torch.where(mirrored[:, None, None, None], wanted.flip(3), wanted)
        own = next(m for m in maps if m.shape[2] == side)
        return hint_loss(self.modules[f"hint-{side}"](own), wanted.to(own.device))

    def _named_losses(self, named: NamedFaces, strength: float, random: torch.Generator) -> dict[str, Tensor]:
        """Losses of pairs of one person and, by shifting the second halves by one, of pairs of two."""
        people = torch.randperm(len(named.rows_of), generator=random)[: self._batch // 2].tolist()
        pairs = [named.rows_of[k][torch.randperm(len(named.rows_of[k]), generator=random)[:2].numpy()] for k in people]
        rows = np.concatenate([[pair[0] for pair in pairs], [pair[1] for pair in pairs]])
        views, _ = self._views(named.pictures, rows, strength, random)
        vectors = self.modules["net"](views)
        a, b = vectors.chunk(2)
        parts = {}
        if self._weights.contrastive:
            both = torch.cat([a, a]), torch.cat([b, b.roll(1, 0)])
            different = torch.arange(2 * len(a), device=a.device) >= len(a)
            parts["contrastive"] = self._weights.contrastive * contrastive_loss(*both, different, margin=1.2)
        if self._weights.margin_softmax:
            person = torch.from_numpy(named.person[rows]).to(vectors.device)
            parts["margin-softmax"] = self._weights.margin_softmax * self.modules["people"](vectors, person)
        return parts


def crop_matrix(template: tuple[tuple[float, float], ...], side: int = 112) -> Tensor:
    """From a network's input to a picture of the data set, both -1..1 over the whole: tensor of shape (2, 3).

    The pictures are 128x128, aligned to the common template times 128/112.
    """
    matrix = similarity_transform(np.array(template) / side * 2 - 1, np.array(scaled(ARCFACE_112, SIDE / 112)) / SIDE * 2 - 1)
    return torch.tensor(matrix, dtype=torch.float32)


@dataclass(frozen=True)
class Locality:
    """Localized centering of the teacher's embeddings (:func:`facelib.vision.centering.localized_centering`); 0 centres: none."""

    centres: int = 0
    sharpness: float = 20.0
    part: float = 0.8


def read_faces(
    folder: Path,
    teacher: Path,
    table: FaceTable,
    min_score: float,
    clean_score: float,
    hint_sides: list[int],
    locality: Locality,
    children: int = 1,
) -> Faces:
    """Read the faces unpacked into ``folder``, and the teacher's embeddings in the file ``teacher``.

    Parameters
    ----------
    min_score, clean_score : float
        Faces with a lower detector score are left out of all rows, or of the clean ones.
    hint_sides : list of int
        Sides of the hint maps to read.
    children : int
        How often a child is drawn for one face of another age.
    """
    embeddings = read_teacher(teacher)
    trained = table.trained & (table.score >= min_score)
    if locality.centres:
        centres = kmeans_centroids(embeddings[trained], locality.centres)
        embeddings = localized_centering(embeddings, centres, locality.part, locality.sharpness)
    hints = {side: (np.load(folder / f"hint-{side}.npy", mmap_mode="r"), np.load(folder / f"hint-{side}-scale.npy")) for side in hint_sides}
    pictures = np.load(folder / "faces.npy", mmap_mode="r")
    every = np.repeat(np.arange(len(trained)), np.where(table.child, children, 1) * trained)
    return Faces(pictures, embeddings, hints, every[table.score[every] >= clean_score], every)
