"""Write the centroids for localized centering of embedders, and the axes that make two networks one embedder.

    python scripts/make_centres.py face-reid-0095 ../shared/data models/face-reid-0095-centres.safetensors
    python scripts/make_centres.py facelib-face ../shared/data models/facelib-face-centres.safetensors [--faces 12000]
    python scripts/make_centres.py facelib-ensemble ../shared/data models/facelib-ensemble.safetensors [--faces 12000]

The first two hold means of groups of similar faces (``facelib/vision/centering.py``), the last the axes along
which the vectors of both its networks together differ most (``facelib/vision/fusion.py``). All from faces-unlabelled, without
the tenth that fairness is measured on. The last two are made anew, in this order, when facelib-face is.
"""

from __future__ import annotations

import argparse
import hashlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from development_sets.fairface import LEAST_SCORE, pictures, teacher_embeddings, vectors_of
from safetensors.numpy import save_file
from torch import nn

from facelib.errors import WeightsError
from facelib.evaluation.centroids import kmeans_centroids
from facelib.model_zoo import registry, weights
from facelib.training.faces_dataset import FaceTable, read_table
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.torch_runtime import TorchRuntime
from facelib.vision.zoo import facelib_ensemble, facelib_face

GROUPS, SHARPNESS, FRACTION = 128, 20.0, 0.7
SHARE = 0.2
"""How much facelib-face's cosine counts beside dlib's."""


def centroids_of_reid(data: Path, table: FaceTable, count: int) -> dict[str, np.ndarray]:
    return centres_of(teacher_embeddings(data, usable(table)))


def centroids_of_facelib_face(data: Path, table: FaceTable, count: int) -> dict[str, np.ndarray]:
    card = registry.card("facelib-face")
    return centres_of(embedded(card, facelib_face.network(available_files(card)), data, table, count))


def centres_of(vectors: np.ndarray) -> dict[str, np.ndarray]:
    return {"centres": kmeans_centroids(vectors, GROUPS), "part": np.array([FRACTION]), "sharpness": np.array([SHARPNESS])}


def axes_of_ensemble(data: Path, table: FaceTable, count: int) -> dict[str, np.ndarray]:
    card = registry.card("facelib-ensemble")
    files = available_files(card)
    vectors = embedded(card, facelib_ensemble.network(files), data, table, count)
    weighted = facelib_ensemble.fusion(files, SHARE, np.eye(vectors.shape[1], dtype=np.float32)).weighted(vectors)
    # Around the origin, not around their mean: it is the cosine that has to stay.
    axes = np.linalg.eigh(weighted.T.astype(np.float64) @ weighted)[1][:, ::-1][:, : card.dimension]
    return {"axes": axes, "share": np.array([SHARE])}


MADE = {"face-reid-0095": centroids_of_reid, "facelib-face": centroids_of_facelib_face, "facelib-ensemble": axes_of_ensemble}


def usable(table: FaceTable) -> np.ndarray:
    """Indices in the data."""
    return table.index[table.trained & (table.score >= LEAST_SCORE)]


def available_files(card: registry.ModelCard) -> dict[str, Path]:
    """The files of a card that exist, by role. Their bytes are not checked: the card may still name older ones."""
    paths = {}
    for role in card.files:
        with suppress(WeightsError):
            paths[role] = weights.locate(card, role)
    return paths


def embedded(card: registry.ModelCard, net: nn.Module, data: Path, table: FaceTable, count: int) -> np.ndarray:
    """Vectors of ``count`` faces, not centered."""
    index = np.sort(np.random.default_rng(0).permutation(usable(table))[:count])
    return vectors_of(pictures(data, index), NetworkFaceEmbedder(card, TorchRuntime.of(net, card, "cpu", None)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("embedder", choices=list(MADE))
    parser.add_argument("data", type=Path, help="folder with faces-unlabelled.zip, .csv and -teacher.npz")
    parser.add_argument("out", type=Path)
    parser.add_argument("--faces", type=int, default=12000, help="number of faces to embed, where no embeddings exist")
    options = parser.parse_args()
    made = MADE[options.embedder](options.data, read_table(options.data / "faces-unlabelled.csv"), options.faces)
    save_file({name: np.ascontiguousarray(array, dtype=np.float16) for name, array in made.items()}, options.out)
    written = options.out.read_bytes()
    print(f"{options.out}: {len(written)} bytes, SHA-256 {hashlib.sha256(written).hexdigest()}")


if __name__ == "__main__":
    main()
