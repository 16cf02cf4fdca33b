"""The card of detector-view."""

from __future__ import annotations

from facelib.model_zoo.card import FACE_JUDGE, ModelCard

CARD = ModelCard(
    name="detector-view",
    task=FACE_JUDGE,
    what="no network: reliability comes from the detector's score and from how sharp, whole and upright a face is, as with every judge",
    runtime="builtin",
    licence_code="as this program",
    licence_weights="none",
    origin="this program",
    training_data="none",
    weakness="It trusts what a detector takes for a face if that is sharp and upright: cats, wheels and house numbers too.",
)
