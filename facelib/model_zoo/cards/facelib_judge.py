"""The card of facelib-judge."""

from __future__ import annotations

from facelib.model_zoo.alignment import REID_128, scaled
from facelib.model_zoo.card import FACE_JUDGE, ModelCard
from facelib.model_zoo.cards import facelib_face

CARD = ModelCard(
    name="facelib-judge",
    task=FACE_JUDGE,
    what="the branch of facelib-face that tells faces from false detections, whichever model embeds the faces",
    runtime="torch",
    licence_code="as this program",
    licence_weights="Apache-2.0",
    origin="this program, scripts/train_reliability.py",
    training_data="as facelib-face; against 2,383 photos of garments (CC0) and parts of the faces",
    files={"network": facelib_face.NETWORK},
    input_size=(112, 112),
    mean=(127.5, 127.5, 127.5),
    scale=127.5,
    template=scaled(REID_128, 112 / 128),
    half=True,
)
