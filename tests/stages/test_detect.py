"""The recipe of detection names every model that has a say in it, and no other."""

from __future__ import annotations

from facelib.model_zoo import registry
from facelib.model_zoo.registry import BODY_DETECTOR, DEFAULTS, FACE_DETECTOR, FACE_EMBEDDER, FACE_JUDGE
from facelib.stages import detect, stage
from facelib.thresholds import Thresholds


def recipe(**chosen: str) -> str:
    return detect.recipe({**DEFAULTS, **{task.replace("_", "-"): name for task, name in chosen.items()}}, Thresholds())


def test_a_gallery_from_before_there_were_judges_keeps_its_recipe() -> None:
    cards = [registry.card(DEFAULTS[task]) for task in (FACE_DETECTOR, BODY_DETECTOR)]
    before = stage.recipe(detect.NAME, detect.VERSION, cards, Thresholds(), detect.READS)
    assert recipe(face_judge="detector-view") == before


def test_whoever_has_a_say_in_reliability_is_part_of_the_recipe() -> None:
    assert DEFAULTS[FACE_JUDGE] == "facelib-judge" and not registry.card(DEFAULTS[FACE_EMBEDDER]).reliability
    judges, embedders = ("facelib-judge", "detector-view"), ("dlib-resnet", "facelib-face")
    assert len({recipe(face_judge=judge, face_embedder=name) for judge in judges for name in embedders}) == 4


def test_an_embedder_that_says_nothing_of_reliability_is_not() -> None:
    assert recipe(face_embedder="dlib-resnet") == recipe(face_embedder="face-reid-0095")
