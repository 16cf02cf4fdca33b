"""facelib-ensemble: dlib-resnet and facelib-face on one picture, each on its own crop of it, with score fusion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.model_zoo.card import ModelCard
from facelib.model_zoo.cards import dlib_resnet as dlib_card
from facelib.model_zoo.cards import facelib_face as face_card
from facelib.model_zoo.cards.facelib_ensemble import ABOVE, CARD, LEFT
from facelib.vision.centering import read_arrays, read_centroids, read_mean
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.fusion import FusedNetwork, ScoreFusion
from facelib.vision.torch_runtime import TorchRuntime
from facelib.vision.zoo.dlib_resnet import DlibResnet, read_dlib_resnet
from facelib.vision.zoo.facelib_face import FacelibFace, read_facelib_face, shared_network

WIDTH, HEIGHT = CARD.input_size
DLIB_SIDE = dlib_card.CARD.input_size[0]
"""dlib's crop of the picture begins at ``LEFT`` and ``ABOVE``."""
FACE_SIDE, FACE_SCALE, FACE_ABOVE = 112, 1.35, 1.4
"""The crop of facelib-face is centred from left to right; ``FACE_SCALE``: pixels of the picture for one of its input."""
FACE_DIMENSION, DLIB_DIMENSION = face_card.CARD.dimension, dlib_card.CARD.dimension


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> NetworkFaceEmbedder:
    """Both networks, their vectors centered and fused."""
    face = shared_network(files["face_network"], card.files["face_network"], device)
    runtime = TorchRuntime.of(Ensemble(face, read_dlib_resnet(files["dlib_network"])), card, device, threads)
    return NetworkFaceEmbedder(card, runtime, read_fusion(files, card.dimension).fused)


def network(files: Mapping[str, Path]) -> Ensemble:
    """Both networks from the files of the card; a :class:`WeightsError` if a file holds something else."""
    return Ensemble(read_facelib_face(files["face_network"]), read_dlib_resnet(files["dlib_network"]))


def read_fusion(files: Mapping[str, Path], dimension: int) -> ScoreFusion:
    """How the vectors of both networks become one of that length; a :class:`WeightsError` if a file holds something else."""
    arrays = read_arrays(files["fusion"], {"share": (1,), "axes": (FACE_DIMENSION + DLIB_DIMENSION, dimension)})
    return fusion(files, arrays["share"].item(), arrays["axes"])


def fusion(files: Mapping[str, Path], share: float, axes: np.ndarray) -> ScoreFusion:
    """As :func:`read_fusion`, with a share and axes that are in no file yet.

    Parameters
    ----------
    files : mapping of str to Path
    share : float, 0..1
        How much the cosine of facelib-face counts.
    axes : ndarray of shape (256 + 128, d), float32

    Raises
    ------
    WeightsError
        If the file of one network's centering holds something else.
    """
    face = FusedNetwork(FACE_DIMENSION, share, read_centroids(files["face_centroids"], FACE_DIMENSION))
    dlib = FusedNetwork(DLIB_DIMENSION, 1 - share, read_mean(files["dlib_mean_vector"], DLIB_DIMENSION))
    return ScoreFusion((face, dlib), axes)


class Ensemble(nn.Module):
    """Faces of shape (n, 3, 174, 156), pixel values 0..255, to facelib-face's vector and dlib's, side by side: shape (n, 256 + 128).

    Each is of unit length. What facelib-face's branches estimate is left out: dlib may know a face that facelib-face does not.

    Parameters
    ----------
    face : FacelibFace
    dlib : DlibResnet
    """

    def __init__(self, face: FacelibFace, dlib: DlibResnet) -> None:
        super().__init__()
        self.face, self.dlib = face, dlib
        self.register_buffer("mean", torch.tensor(dlib_card.CARD.mean).view(1, 3, 1, 1), persistent=False)
        self.scale = dlib_card.CARD.scale
        # From the network's input to the picture, both -1..1 over the whole.
        side = FACE_SIDE * FACE_SCALE
        transform = [[side / WIDTH, 0.0, 0.0], [0.0, side / HEIGHT, (2 * FACE_ABOVE + side) / HEIGHT - 1]]
        self.register_buffer("transform", torch.tensor([transform]), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        chip = x[:, :, ABOVE : ABOVE + DLIB_SIDE, LEFT : LEFT + DLIB_SIDE]
        dlib = self.dlib((chip - self.mean) / self.scale)
        grid = functional.affine_grid(self.transform.expand(len(x), 2, 3), [len(x), 3, FACE_SIDE, FACE_SIDE], align_corners=False)
        sampled = functional.grid_sample(x, grid, padding_mode="border", align_corners=False)
        face = self.face((sampled / 127.5 - 1).contiguous(memory_format=torch.channels_last))
        return torch.cat([face[:, :FACE_DIMENSION], functional.normalize(dlib)], dim=1)
