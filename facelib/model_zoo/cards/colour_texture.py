"""The card of colour-texture."""

from __future__ import annotations

from facelib.model_zoo.card import BODY_EMBEDDER, ModelCard

CARD = ModelCard(
    name="colour-texture",
    task=BODY_EMBEDDER,
    what="colour and texture histogram of the upper body, compared within a moment only",
    runtime="builtin",
    licence_code="as this program",
    licence_weights="none",
    origin="this program",
    training_data="none",
    input_size=(48, 48),
    dimension=128,
    weakness="People in uniforms, teams and school classes look alike. It compares clothes, not people, so it is used inside a"
    " moment only.",
)
