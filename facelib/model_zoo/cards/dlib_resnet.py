"""The card of dlib-resnet."""

from __future__ import annotations

from facelib.model_zoo.alignment import DLIB_150
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile

NETWORK = ModelFile(
    "dlib_face_recognition_resnet_model_v1.dat",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    22466066,
    package="face_recognition_models",
)

MEAN_VECTOR = ModelFile(
    "dlib-resnet-centre.safetensors",
    "9a3f930e9789419747ebac0ad64cd948c8c737bd44a261568feead6e03909ebb",
    584,
)
"""The mean face to take away, by scripts/make_dlib_centre.py from FairFace (CC BY 4.0)."""

CARD = ModelCard(
    name="dlib-resnet",
    task=FACE_EMBEDDER,
    what="dlib's face recognition ResNet (King 2017)",
    runtime="torch",
    licence_code="as this program",
    licence_weights="CC0",
    origin="dlib; installed by the package face_recognition_models",
    training_data="about 3 million faces of 7,485 people (FaceScrub, VGG and others)",
    files={"network": NETWORK, "mean_vector": MEAN_VECTOR},
    input_size=(150, 150),
    colour="RGB",
    mean=(122.782, 117.001, 104.298),
    scale=256.0,
    template=DLIB_150,
    dimension=128,
)
