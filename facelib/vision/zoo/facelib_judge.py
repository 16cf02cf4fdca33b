"""Whether what a detector found is a face at all: a network's opinion, for every embedder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from facelib.model_zoo import weights
from facelib.model_zoo.registry import FACE_JUDGE, ModelCard, card_for
from facelib.records import Face, Picture
from facelib.vision.runtime import Runtime

_BATCH = 32


class FaceJudge:
    """A network whose last number for each face is the log odds that it is one."""

    def __init__(self, card: ModelCard, runtime: Runtime) -> None:
        self.card = card
        self._runtime = runtime

    def judge(self, picture: Picture, faces: Sequence[Face]) -> list[Face]:
        """The same faces; one that the network doubts more than the detector does is as reliable as the network says.

        Parameters
        ----------
        picture : Picture
        faces : sequence of Face
            Of that photo.
        """
        from facelib.vision.crops import face_chips

        judged: list[Face] = []
        for start in range(0, len(faces), _BATCH):
            part = faces[start : start + _BATCH]
            points = np.stack([face.landmarks for face in part]) / np.array(picture.scale)
            chips = face_chips(picture.pixels, points, self.card.template or (), self.card.input_size)
            odds = self._runtime.run(chips)[:, -1].astype(np.float64)
            sure = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
            judged += [replace(face, reliability=min(face.reliability, trust)) for face, trust in zip(part, sure.tolist())]
        return judged


def load_judge(name: str, device: str = "auto", threads: int | None = None) -> FaceJudge | None:
    """The judge of that name, its weights checked; None for one that is no network.

    Parameters
    ----------
    device, threads
        As for :func:`facelib.vision.embedders.load_face_embedder`.

    Raises
    ------
    InputError
        If there is no judge of that name, or no such device.
    WeightsError
        If its weights are missing or wrong.
    """
    card = card_for(name, FACE_JUDGE)
    if card.runtime == "builtin":
        return None
    from facelib.vision.torch_runtime import load

    return FaceJudge(card, load(card, weights.find(card), device, threads))
