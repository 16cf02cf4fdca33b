"""The card of detector-view."""

from __future__ import annotations

from facelib.model_zoo.card import FACE_JUDGE, ModelCard

CARD = ModelCard(
    name="detector-view",
    task=FACE_JUDGE,
    what="no network: only what the detector says and how sharp, whole and upright a face is, which counts in any case",
    runtime="builtin",
    licence_code="as this program",
    licence_weights="none",
    origin="this program",
    training_data="none",
)
