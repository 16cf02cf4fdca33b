"""yolox-nano: whole persons, also those who face away, run by OpenVINO.

Ge et al., "YOLOX: exceeding YOLO series in 2021", arXiv 2107.08430; trained on COCO, of whose 80 classes only the
first, person, is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facelib.model_zoo.card import ModelCard
from facelib.vision.box_decoding import STRIDES, cell_corners, decode_boxes
from facelib.vision.letterbox import letterbox
from facelib.vision.openvino_runtime import compile_model
from facelib.vision.suppression import suppress

GREY = 114
LEAST_SCORE = 0.25
OVERLAP = 0.5


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> Yolox:
    """The net, ready to run."""
    return Yolox(files["network"], card.input_size[0], threads)


class Yolox:
    """The net behind the :class:`~facelib.vision.protocols.BodyDetector` protocol.

    Parameters
    ----------
    network : Path
    side : int
        Of the square input, pixels.
    threads : int or None
        Threads of one inference; None: as many as OpenVINO takes by itself.

    Raises
    ------
    WeightsError
        If OpenVINO is not installed or cannot read the file.
    """

    def __init__(self, network: Path, side: int, threads: int | None = None) -> None:
        self._request = compile_model(network, threads).create_infer_request()
        self._side = side
        self._corners, self._strides = grid(side)

    def detect(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find persons; see :meth:`facelib.vision.protocols.BodyDetector.detect`."""
        image, scale = letterbox(pixels, self._side, GREY)
        self._request.infer([image], share_inputs=True)
        output = self._request.get_output_tensor(0).data[0]
        scores = output[:, 4] * output[:, 5]
        sure = scores >= LEAST_SCORE
        boxes = (decode_boxes(output[sure, :4], self._corners[sure], self._strides[sure]) / scale).astype(np.float32)
        boxes = np.clip(boxes, 0, np.tile(pixels.shape[1::-1], 2)).astype(np.float32)
        best = suppress(boxes, scores[sure], OVERLAP)
        return boxes[best], scores[sure][best]


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Corner (n, 2), in cells, and stride (n, 1), in pixels, of every cell the net answers for, in its order."""
    columns = [side // stride for stride in STRIDES]
    corners = [cell_corners(np.arange(count * count), count) for count in columns]
    strides = [np.full((count * count, 1), stride) for count, stride in zip(columns, STRIDES)]
    return np.concatenate(corners), np.concatenate(strides).astype(np.float32)
