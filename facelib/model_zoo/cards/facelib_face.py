"""The card of facelib-face."""

from __future__ import annotations

from facelib.model_zoo.alignment import REID_128, scaled
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile

NETWORK = ModelFile(
    "facelib-face.safetensors",
    "1d7ee674a070d1215028a909ee4042cd6f3681213017de63eb0958b32057f028",
    3744622,
)

CENTROIDS = ModelFile(
    "facelib-face-centres.safetensors",
    "435ca6db8c35db92fd7f628c7795e26276bd1dc2a6433064484942b6644e7d33",
    65756,
)
"""Means of strangers who resemble each other, to take away; by scripts/make_centres.py from FairFace and All-Age-Faces."""

CARD = ModelCard(
    name="facelib-face",
    task=FACE_EMBEDDER,
    what="fused inverted residual blocks with squeeze-excite, 1.8 M parameters; estimates how far each vector may be trusted",
    runtime="torch",
    licence_code="as this program",
    licence_weights="Apache-2.0",
    origin="this program, scripts/train_face.py",
    training_data="44,000 faces of FairFace (CC BY 4.0) and All-Age-Faces without names, distilled from face-reid-0095 (Apache-2.0)",
    files={"network": NETWORK, "centroids": CENTROIDS},
    input_size=(112, 112),
    colour="RGB",
    mean=(127.5, 127.5, 127.5),
    scale=127.5,
    template=scaled(REID_128, 112 / 128),
    dimension=256,
    mirrored=False,
    reliability=True,
    half=True,
)
