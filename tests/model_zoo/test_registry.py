"""Every card is found by its name and task, and the digests that recipes depend on never change."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.model_zoo.card import ModelFile
from facelib.model_zoo.runtimes import RUNTIMES

DIGESTS = {
    "mtcnn": "ba987822301f215a-2",
    "yunet": "104ee26c71d5c270",
    "face-geometry": "builtin",
    "yolox-nano": "c789161ed43c8269",
    "dlib-resnet": "7e071647147aba2d",
    "face-reid-0095": "89f68f74f2441ad5",
    "facelib-face": "db933b9e242791d5",
    "facelib-ensemble": "15b7d217a5437ac1",
    "facelib-judge": "1d7ee674a070d121",
    "detector-view": "builtin",
    "facenet-vggface2": "281cebca8662831a",
    "colour-texture": "builtin",
    "facelib-body": "4c28c9bbe18e8082",
    "body-reid-0286": "a580f0405e86c30a",
}
"""What recipes and embeddings in galleries hold: another digest has every photo processed again. New weights mean a new entry."""


def test_digests_do_not_change() -> None:
    assert {name: card.digest for name, card in registry.CARDS.items()} == DIGESTS


def test_a_digest_is_of_the_files_in_their_order_whatever_their_roles() -> None:
    one, two = ModelFile("a", "1" * 64, 1), ModelFile("b", "2" * 64, 1)
    card = replace(registry.card("detector-view"), files={"network": one, "weights": two})
    assert card.digest == hashlib.sha256(("1" * 64 + "2" * 64).encode()).hexdigest()[:16]
    assert replace(card, files={"first": one, "second": two}).digest == card.digest
    assert replace(card, files={"network": two, "weights": one}).digest != card.digest


def test_another_revision_is_another_digest() -> None:
    for card in registry.CARDS.values():
        assert replace(card, revision=card.revision + 1).digest != card.digest
    assert "-" not in registry.card("dlib-resnet").digest


def test_every_card_stands_under_its_name_for_a_known_task_and_runtime() -> None:
    for name, card in registry.CARDS.items():
        assert card.name == name and card.task in registry.TASKS and card.runtime in RUNTIMES


def test_there_is_a_default_for_each_task_and_it_needs_nothing_that_is_fetched() -> None:
    assert tuple(registry.DEFAULTS) == registry.TASKS
    for task, name in registry.DEFAULTS.items():
        assert registry.card_for(name, task).fetched is False


def test_a_wrong_name_or_task_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match="no model 'nobody'") as caught:
        registry.card("nobody")
    assert "facelib-ensemble" in (caught.value.advice or "")
    with pytest.raises(InputError, match="is a face-detector, not a body-detector") as caught:
        registry.card_for("mtcnn", registry.BODY_DETECTOR)
    assert caught.value.advice == "known: face-geometry, yolox-nano"
