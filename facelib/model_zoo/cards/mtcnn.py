"""The card of mtcnn."""

from __future__ import annotations

from facelib.model_zoo.card import FACE_DETECTOR, ModelCard, ModelFile

CARD = ModelCard(
    name="mtcnn",
    task=FACE_DETECTOR,
    what="three-stage cascade with five landmarks (Zhang et al. 2016), as in facenet-pytorch",
    runtime="torch",
    licence_code="MIT",
    licence_weights="MIT (with facenet-pytorch)",
    origin="facenet-pytorch 2.5.3, its wheel carries the weights",
    training_data="WIDER FACE, CelebA",
    files={
        "pnet": ModelFile(
            "pnet.pt",
            "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
            28570,
            package="facenet-pytorch",
        ),
        "rnet": ModelFile(
            "rnet.pt",
            "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
            403147,
            package="facenet-pytorch",
        ),
        "onet": ModelFile(
            "onet.pt",
            "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
            1559269,
            package="facenet-pytorch",
        ),
    },
    colour="RGB",
    mean=(127.5, 127.5, 127.5),
    scale=128.0,
    revision=2,
)
