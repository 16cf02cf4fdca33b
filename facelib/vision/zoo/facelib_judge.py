"""facelib-judge: the branch of facelib-face that estimates whether there is a face at all, for every embedder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from facelib.log_odds import probability
from facelib.model_zoo.card import ModelCard
from facelib.records import Face, Picture
from facelib.vision.crops import face_chips
from facelib.vision.protocols import Runtime
from facelib.vision.torch_runtime import TorchRuntime
from facelib.vision.zoo.facelib_face import shared_network

_BATCH = 32


class BranchJudge:
    """A network whose last output for each crop is the log odds that it shows a face."""

    def __init__(self, card: ModelCard, runtime: Runtime) -> None:
        self.card = card
        self._runtime = runtime

    def judge(self, picture: Picture, faces: Sequence[Face]) -> list[Face]:
        """The same faces; the reliability of each is at most the probability that it is a face."""
        judged: list[Face] = []
        for start in range(0, len(faces), _BATCH):
            batch = faces[start : start + _BATCH]
            points = np.stack([face.landmarks for face in batch]) / np.array(picture.scale)
            chips = face_chips(picture.pixels, points, self.card.template or (), self.card.input_size)
            odds = self._runtime.run(chips)[:, -1].astype(np.float64)
            presence = probability(odds)
            judged += [replace(face, reliability=min(face.reliability, probable)) for face, probable in zip(batch, presence.tolist())]
        return judged


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> BranchJudge:
    """The network as a judge."""
    net = shared_network(files["network"], card.files["network"], device)
    return BranchJudge(card, TorchRuntime.of(net, card, device, threads))
