"""The card of facenet-vggface2."""

from __future__ import annotations

from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile

CARD = ModelCard(
    name="facenet-vggface2",
    task=FACE_EMBEDDER,
    what="InceptionResnetV1 of facenet-pytorch; published LFW 0.9965",
    runtime="torch",
    licence_code="MIT",
    licence_weights="MIT; the training data is for research",
    origin="timesler/facenet-pytorch, release v2.2.9",
    training_data="VGGFace2",
    files={
        "network": ModelFile(
            "20180402-114759-vggface2.pt",
            "281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
            111898327,
            "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/20180402-114759-vggface2.pt",
            kept_as="20180402-114759-vggface2.safetensors",
        ),
    },
    input_size=(160, 160),
    colour="RGB",
    mean=(127.5, 127.5, 127.5),
    scale=128.0,
    template=scaled(ARCFACE_112, 160 / 112),
    dimension=512,
    weakness="Not measured, because its weights were not available; its thresholds are not calibrated.",
)
