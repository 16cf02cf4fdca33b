"""``facelib-face`` and dlib's network behind one picture, each looking at its own part of it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facelib.vision.nets.dlib_resnet import DlibResnet
from facelib.vision.nets.facelib_face import DIMENSION, FacelibFace

LEFT, ABOVE, DLIB_SIDE = 3, 24, 150
"""Where dlib's part lies in the picture, pixels."""
WIDTH, HEIGHT = 156, 174
OWN_SIDE, OWN_SCALE, OWN_ABOVE = 112, 1.35, 1.4
"""The part of ``facelib-face`` is centred from left to right; a pixel of its input is so many of the picture."""


class Ensemble(nn.Module):
    """Faces of shape (n, 3, 174, 156), pixel values 0..255, to ``facelib-face``'s vector and dlib's, side by side: shape (n, 256 + 128).

    Each is of unit length. What ``facelib-face``'s branches say is left away: a face it does not know dlib may.

    Parameters
    ----------
    own : FacelibFace
    other : DlibResnet
    mean, scale : tuple of 3 floats, float
        dlib's input is ``(pixel - mean) / scale``.
    """

    def __init__(self, own: FacelibFace, other: DlibResnet, mean: tuple[float, float, float], scale: float) -> None:
        super().__init__()
        self.own, self.other = own, other
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.scale = scale
        # From the network's input to the picture, both -1..1 over the whole.
        side = OWN_SIDE * OWN_SCALE
        place = [[side / WIDTH, 0.0, 0.0], [0.0, side / HEIGHT, (2 * OWN_ABOVE + side) / HEIGHT - 1]]
        self.register_buffer("place", torch.tensor([place]), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        whole = x[:, :, ABOVE : ABOVE + DLIB_SIDE, LEFT : LEFT + DLIB_SIDE]
        other = self.other((whole - self.mean) / self.scale)
        grid = functional.affine_grid(self.place.expand(len(x), 2, 3), [len(x), 3, OWN_SIDE, OWN_SIDE], align_corners=False)
        near = functional.grid_sample(x, grid, padding_mode="border", align_corners=False)
        own = self.own((near / 127.5 - 1).contiguous(memory_format=torch.channels_last))
        return torch.cat([own[:, :DIMENSION], functional.normalize(other)], dim=1)
