from __future__ import annotations

from dataclasses import replace

from facelib import model_cards


def test_another_revision_is_another_digest() -> None:
    for card in model_cards.CARDS:
        assert replace(card, revision=card.revision + 1).digest != card.digest
    assert "-" not in model_cards.card("dlib-resnet").digest
