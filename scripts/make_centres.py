"""Write what opens the spaces of embedders where faces crowd, and what makes two networks one embedder.

    python scripts/make_centres.py face-reid-0095 ../shared/data models/face-reid-0095-centres.safetensors
    python scripts/make_centres.py facelib-face ../shared/data models/facelib-face-centres.safetensors [--faces 12000]
    python scripts/make_centres.py facelib-ensemble ../shared/data models/facelib-ensemble.safetensors [--faces 12000]

The first two hold means of groups of faces that are like each other (``facelib/vision/centre.py``), the last the axes along
which the vectors of both its networks together differ most (``facelib/vision/ensemble.py``). All from faces-unlabelled, without
the tenth that fairness is measured on. The last two are made anew, in this order, when facelib-face is.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
from development_sets.fairface import LEAST_SCORE, pictures, taught, vectors_of
from safetensors.numpy import save_file
from torch import nn

from facelib.evaluation.group_means import means_of_groups
from facelib.model_zoo import registry, weights
from facelib.training.faces_dataset import FaceTable, read_table
from facelib.vision.centering import read_centre, read_centres
from facelib.vision.device import choose
from facelib.vision.embedders import FaceEmbedder
from facelib.vision.fusion import OTHER, OWN, Blend
from facelib.vision.nets.facelib_face import read_facelib_face
from facelib.vision.torch_runtime import TorchRuntime, read_ensemble

GROUPS, SHARPNESS, PART = 128, 20.0, 0.7
SHARE = 0.2
"""How much facelib-face's cosine counts beside dlib's."""


def of_reid(data: Path, table: FaceTable, count: int) -> dict[str, np.ndarray]:
    return centres_of(taught(data, usable(table)))


def of_own(data: Path, table: FaceTable, count: int) -> dict[str, np.ndarray]:
    card = registry.card("facelib-face")
    return centres_of(embedded(card, read_facelib_face(place(card, 0)), data, table, count))


def centres_of(vectors: np.ndarray) -> dict[str, np.ndarray]:
    return {"centres": means_of_groups(vectors, GROUPS), "part": np.array([PART]), "sharpness": np.array([SHARPNESS])}


def of_ensemble(data: Path, table: FaceTable, count: int) -> dict[str, np.ndarray]:
    card = registry.card("facelib-ensemble")
    dlib, centre, own, centres = (place(card, k) for k in (0, 1, 3, 4))
    vectors = embedded(card, read_ensemble(own, dlib), data, table, count)
    whole = Blend(SHARE, read_centres(centres, OWN), read_centre(centre, OTHER), np.eye(OWN + OTHER, dtype=np.float32)).whole(vectors)
    # About nothing, not about their mean: it is the cosine that has to stay.
    axes = np.linalg.eigh(whole.T.astype(np.float64) @ whole)[1][:, ::-1][:, : card.dimension]
    return {"axes": axes, "share": np.array([SHARE])}


MADE = {"face-reid-0095": of_reid, "facelib-face": of_own, "facelib-ensemble": of_ensemble}


def usable(table: FaceTable) -> np.ndarray:
    """Indices in the data."""
    return table.index[table.trained & (table.score >= LEAST_SCORE)]


def place(card: registry.ModelCard, number: int) -> Path:
    """Where a file of a card lies; what is in it is not checked, for the card may still name the one before."""
    name = card.files[number].name
    return next(folder / name for folder in weights.folders(card) if (folder / name).is_file())


def embedded(card: registry.ModelCard, net: nn.Module, data: Path, table: FaceTable, count: int) -> np.ndarray:
    """Vectors of so many faces, not opened."""
    index = np.sort(np.random.default_rng(0).permutation(usable(table))[:count])
    return vectors_of(pictures(data, index), FaceEmbedder(card, TorchRuntime(net, card, choose("cpu"))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("embedder", choices=list(MADE))
    parser.add_argument("data", type=Path, help="folder with faces-unlabelled.zip, .csv and -teacher.npz")
    parser.add_argument("out", type=Path)
    parser.add_argument("--faces", type=int, default=12000, help="so many are embedded, where they are not yet")
    options = parser.parse_args()
    made = MADE[options.embedder](options.data, read_table(options.data / "faces-unlabelled.csv"), options.faces)
    save_file({name: np.ascontiguousarray(array, dtype=np.float16) for name, array in made.items()}, options.out)
    written = options.out.read_bytes()
    print(f"{options.out}: {len(written)} bytes, SHA-256 {hashlib.sha256(written).hexdigest()}")


if __name__ == "__main__":
    main()
