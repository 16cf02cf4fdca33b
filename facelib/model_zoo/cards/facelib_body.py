"""The card of facelib-body."""

from __future__ import annotations

from facelib.model_zoo.card import BODY_EMBEDDER, ModelCard, ModelFile

CARD = ModelCard(
    name="facelib-body",
    task=BODY_EMBEDDER,
    what="this program's own network for upper bodies, 0.4 M parameters, compared within a moment only",
    runtime="torch",
    licence_code="as this program",
    licence_weights="Apache-2.0",
    origin="this program, scripts/train_body.py",
    training_data="311 crops of people (a set that asks for citation), 2,383 photos of garments (CC0), drawn fabrics",
    files={
        "network": ModelFile(
            "facelib-body.safetensors",
            "4c28c9bbe18e80828a23ce2690c30010200f9bc59c3a597b429e911525dac592",
            752620,
        ),
    },
    input_size=(96, 96),
    mean=(127.5, 127.5, 127.5),
    scale=127.5,
    dimension=128,
    weakness="People in uniforms, teams and school classes look alike, and so do two people in plain black or white. It was trained"
    " on few people, all of one set. It compares clothes, not people, so it is used inside a moment only.",
)
