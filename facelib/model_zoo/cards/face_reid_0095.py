"""The card of face-reid-0095."""

from __future__ import annotations

from facelib.model_zoo.alignment import REID_128
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile

_ORIGIN = "https://storage.openvinotoolkit.org/repositories/open_model_zoo/2023.0/models_bin/1"

CENTROIDS = ModelFile(
    "face-reid-0095-centres.safetensors",
    "05b4182023700b7e6160ebc94bbdf0bef0a9ea2a048712fcf4fce6425ef5f9c2",
    65756,
)
"""Means of strangers who resemble each other, to take away; by scripts/make_centres.py from FairFace and All-Age-Faces."""

CARD = ModelCard(
    name="face-reid-0095",
    task=FACE_EMBEDDER,
    what="face-reidentification-retail-0095: MobileNetV2 blocks with squeeze-excite, 1.1 M parameters",
    runtime="openvino",
    licence_code="Apache-2.0",
    licence_weights="Apache-2.0",
    origin="Open Model Zoo 2023.0",
    training_data="not stated by its origin",
    files={
        "network": ModelFile(
            "face-reidentification-retail-0095.xml",
            "ce53d2c9c08c0bd1c1660fb8a5b6d0e3e4ec19eb92f1036d2d83a85e83082dce",
            350427,
            f"{_ORIGIN}/face-reidentification-retail-0095/FP16/face-reidentification-retail-0095.xml",
        ),
        "weights": ModelFile(
            "face-reidentification-retail-0095.bin",
            "241229ca3d206321868d46ce74a3c0b06c49cea58db7dc70b2e842ff287545d1",
            2213628,
            f"{_ORIGIN}/face-reidentification-retail-0095/FP16/face-reidentification-retail-0095.bin",
        ),
        "centroids": CENTROIDS,
    },
    input_size=(128, 128),
    colour="BGR",
    template=REID_128,
    dimension=256,
    recommended=True,
)
