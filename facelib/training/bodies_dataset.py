"""The upper bodies to train on: crops of people, and photos of garments laid out flat or hung up."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 96
HELD_OUT = 5
"""Every fifth person, in the order of file names, is never trained on: the network is evaluated and calibrated with these."""


@dataclass(frozen=True)
class Bodies:
    """Pictures of ``upper-bodies.zip``, each of one person's clothes or one garment.

    Attributes
    ----------
    people : ndarray of shape (p, 96, 96, 3), uint8, RGB
    garments : ndarray of shape (g, 96, 96, 3), uint8, RGB
    """

    people: np.ndarray
    garments: np.ndarray

    @property
    def trained(self) -> np.ndarray:
        """The people that may be trained on."""
        return self.people[np.arange(len(self.people)) % HELD_OUT != 0]

    @property
    def held_out(self) -> np.ndarray:
        """The people that are never trained on."""
        return self.people[::HELD_OUT]


def read_bodies(archive: Path) -> Bodies:
    """Read ``upper-bodies.zip``: ``person/*.webp`` and ``garment/CLASS/*.webp``, all of 96x96, in the order of their names."""
    with zipfile.ZipFile(archive) as source:
        names = sorted(name for name in source.namelist() if name.endswith(".webp"))
        people, garments = ([_picture(source, name) for name in names if name.startswith(kind)] for kind in ("person/", "garment/"))
    return Bodies(np.stack(people), np.stack(garments))


def _picture(source: zipfile.ZipFile, name: str) -> np.ndarray:
    with Image.open(io.BytesIO(source.read(name))) as picture:
        return np.asarray(picture.convert("RGB"))
