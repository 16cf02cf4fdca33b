"""The card of face-geometry."""

from __future__ import annotations

from facelib.model_zoo.card import BODY_DETECTOR, ModelCard

CARD = ModelCard(
    name="face-geometry",
    task=BODY_DETECTOR,
    what="upper-body box guessed from the face's box; finds no person without a face",
    runtime="builtin",
    licence_code="as this program",
    licence_weights="none",
    origin="this program",
    training_data="none",
    weakness="It finds nobody without a face, and guesses where the clothes are.",
)
