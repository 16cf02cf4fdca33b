from __future__ import annotations

from dataclasses import replace

from facelib.model_zoo import registry


def test_another_revision_is_another_digest() -> None:
    for card in registry.CARDS:
        assert replace(card, revision=card.revision + 1).digest != card.digest
    assert "-" not in registry.card("dlib-resnet").digest
