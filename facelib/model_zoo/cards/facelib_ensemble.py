"""The card of facelib-ensemble."""

from __future__ import annotations

from facelib.model_zoo.alignment import DLIB_150
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile
from facelib.model_zoo.cards import dlib_resnet, facelib_face

FUSION = ModelFile(
    "facelib-ensemble.safetensors",
    "5d9e819f27c735c9d657d8fb5d34216d9923bdc929eff0c8edb422a65184a235",
    147602,
)
"""How much each of the two networks counts, and the axes that are kept; by scripts/make_centres.py."""

LEFT, ABOVE = 3, 24
"""Where dlib's picture lies in the ensemble's, pixels: the margin shows what facelib-face needs beyond it."""

CARD = ModelCard(
    name="facelib-ensemble",
    task=FACE_EMBEDDER,
    what="dlib's ResNet and facelib-face together: the cosine is nearly the weighted mean of theirs",
    runtime="torch",
    licence_code="as this program",
    licence_weights="CC0 and Apache-2.0",
    origin="dlib; this program, scripts/train_face.py and make_centres.py",
    training_data="as of dlib-resnet and of facelib-face",
    files={
        "dlib_network": dlib_resnet.NETWORK,
        "dlib_mean_vector": dlib_resnet.MEAN_VECTOR,
        "fusion": FUSION,
        "face_network": facelib_face.NETWORK,
        "face_centroids": facelib_face.CENTROIDS,
    },
    input_size=(156, 174),
    template=tuple((x + LEFT, y + ABOVE) for x, y in DLIB_150),
    dimension=192,
)
