"""The models this program knows, by name, and which of them are used where nothing else was chosen.

A model is a card in ``facelib/model_zoo/cards``, its calibrated values beside it, and a module in ``facelib/vision/zoo``. To add
one, write these and name the card here.
"""

from __future__ import annotations

from collections.abc import Mapping

from facelib.errors import InputError
from facelib.model_zoo.card import BODY_DETECTOR, BODY_EMBEDDER, FACE_DETECTOR, FACE_EMBEDDER, FACE_JUDGE, TASKS, ModelCard, ModelFile
from facelib.model_zoo.cards import (
    body_reid_0286,
    colour_texture,
    detector_view,
    dlib_resnet,
    face_geometry,
    face_reid_0095,
    facelib_body,
    facelib_ensemble,
    facelib_face,
    facelib_judge,
    facenet_vggface2,
    mtcnn,
    yolox_nano,
    yunet,
)

__all__ = [
    "BODY_DETECTOR",
    "BODY_EMBEDDER",
    "CARDS",
    "DEFAULTS",
    "FACE_DETECTOR",
    "FACE_EMBEDDER",
    "FACE_JUDGE",
    "RECOMMENDED",
    "TASKS",
    "ModelCard",
    "ModelFile",
    "card",
    "card_for",
]

CARDS: Mapping[str, ModelCard] = {
    "mtcnn": mtcnn.CARD,
    "yunet": yunet.CARD,
    "face-geometry": face_geometry.CARD,
    "yolox-nano": yolox_nano.CARD,
    "dlib-resnet": dlib_resnet.CARD,
    "face-reid-0095": face_reid_0095.CARD,
    "facelib-face": facelib_face.CARD,
    "facelib-ensemble": facelib_ensemble.CARD,
    "facelib-judge": facelib_judge.CARD,
    "detector-view": detector_view.CARD,
    "facenet-vggface2": facenet_vggface2.CARD,
    "colour-texture": colour_texture.CARD,
    "facelib-body": facelib_body.CARD,
    "body-reid-0286": body_reid_0286.CARD,
}
"""Every card, in the order in which ``facelib models list`` shows them."""

DEFAULTS: Mapping[str, str] = {
    FACE_DETECTOR: "mtcnn",
    BODY_DETECTOR: "face-geometry",
    FACE_EMBEDDER: "facelib-ensemble",
    BODY_EMBEDDER: "facelib-body",
    FACE_JUDGE: "facelib-judge",
}
"""The models of a new gallery. None of them needs anything that an installation does not bring."""

RECOMMENDED: tuple[str, ...] = tuple(name for name, each in CARDS.items() if each.recommended)
"""The models that ``recommended`` stands for in ``facelib models fetch recommended``."""


def card(name: str) -> ModelCard:
    """The card of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in CARDS:
        raise InputError(f"there is no model '{name}'", f"known: {', '.join(CARDS)}")
    return CARDS[name]


def card_for(name: str, task: str) -> ModelCard:
    """The card of that name, which must be one for that task.

    Raises
    ------
    InputError
        If there is none, or it is for another task.
    """
    named = card(name)
    if named.task != task:
        known = ", ".join(other.name for other in CARDS.values() if other.task == task)
        raise InputError(f"model '{name}' is a {named.task}, not a {task}", f"known: {known}")
    return named
