"""Write models/dlib-resnet-centre.safetensors: the fraction of the mean face that is subtracted from dlib's vectors.

The mean is over equally many FairFace faces of each of seven races and two genders (CC BY 4.0), so that no group is
nearer to it because it has more faces. FRACTION was chosen among 0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9 and 1 on the development
sets: true accepts at a false accept rate of 1e-4 rise from 0.763 to 0.794 on celebrities-dev, and at 1e-3 from 0.120
to 0.194 on families-dev, before the first begins to fall.

    python scripts/make_dlib_centre.py ../shared/data models/dlib-resnet-centre.safetensors
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from facelib.model_zoo import registry, weights
from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.vision.crops import face_chips
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.torch_runtime import TorchRuntime
from facelib.vision.zoo.dlib_resnet import read_dlib_resnet

FRACTION = 0.8
PER_GROUP = 230
LEAST_SCORE = 0.8


def sample(table: Path) -> list[int]:
    """Indices of ``PER_GROUP`` well detected faces of each race and gender."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    with table.open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["source"] == "fairface" and float(row["detector_score"] or 0) >= LEAST_SCORE:
                groups[row["race"], row["gender"]].append(int(row["index"]))
    order = np.random.default_rng(0)
    return [int(index) for key in sorted(groups) for index in order.permutation(groups[key])[:PER_GROUP]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with faces-unlabelled.zip and .csv")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()

    card = registry.card("dlib-resnet")
    net = read_dlib_resnet(weights.locate(card, "network"))
    embedder = NetworkFaceEmbedder(card, TorchRuntime.of(net, card, "cpu", None))
    landmarks = np.array(scaled(ARCFACE_112, 128 / 112))[None]
    total, count = np.zeros(card.dimension), 0
    with zipfile.ZipFile(options.data / "faces-unlabelled.zip") as faces:
        indices = sample(options.data / "faces-unlabelled.csv")
        for start in range(0, len(indices), 64):
            pictures = [np.asarray(Image.open(io.BytesIO(faces.read(f"{i:05d}.webp"))).convert("RGB")) for i in indices[start : start + 64]]
            chips = np.concatenate([face_chips(picture, landmarks, card.template or (), card.input_size) for picture in pictures])
            total += embedder.embed(chips).sum(axis=0, dtype=np.float64)
            count += len(chips)
    save_file({"centre": (FRACTION * total / count).astype(np.float32)}, options.out)
    data = options.out.read_bytes()
    print(f"{count} faces, mean of length {np.linalg.norm(total / count):.4f}")
    print(f"{options.out}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
