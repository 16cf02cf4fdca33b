"""YOLOX nano: whole persons, also those who face away, run by OpenVINO.

Ge et al., "YOLOX: exceeding YOLO series in 2021", arXiv 2107.08430; trained on COCO, of whose 80 classes only the
first, person, is read.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from facelib.model_zoo.registry import card
from facelib.vision.openvino_runtime import load
from facelib.vision.suppression import suppress

STRIDES = (8, 16, 32)
GREY = 114
LEAST_SCORE = 0.25
OVERLAP = 0.5


class Yolox:
    """The net behind the ``BodyDetector`` protocol.

    Parameters
    ----------
    threads : int or None
        Threads of one inference; None leaves it to OpenVINO.

    Raises
    ------
    WeightsError
        If OpenVINO is not installed, or the weights are missing or damaged.
    """

    def __init__(self, threads: int | None = None) -> None:
        found = card("yolox-nano")
        self._request: Any = load(found, threads)
        self._side = found.input_size[0]
        self._corner, self._stride = _grid(self._side)

    def detect(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (n, 4) and scores (n,) of whole persons, both float32, in pixels of the RGB picture (h, w, 3) given."""
        image, ratio = _letterbox(pixels, self._side)
        self._request.infer([image], share_inputs=True)
        output = self._request.get_output_tensor(0).data[0]
        scores = output[:, 4] * output[:, 5]
        sure = scores >= LEAST_SCORE
        middle = (output[sure, :2] + self._corner[sure]) * self._stride[sure]
        half = np.exp(output[sure, 2:4]) * self._stride[sure] / 2
        boxes = (np.concatenate([middle - half, middle + half], axis=1) / ratio).astype(np.float32)
        boxes = np.clip(boxes, 0, np.tile(pixels.shape[1::-1], 2)).astype(np.float32)
        kept = suppress(boxes, scores[sure], OVERLAP)
        return boxes[kept], scores[sure][kept]


def _letterbox(pixels: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """The picture as the net's input (1, 3, side, side), BGR 0..255, grey below or beside it; and its scale there."""
    from PIL import Image

    ratio = side / max(pixels.shape[:2])
    height, width = (max(1, min(side, round(ratio * length))) for length in pixels.shape[:2])
    small = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))
    image = np.full((1, 3, side, side), GREY, dtype=np.float32)
    image[0, :, :height, :width] = small[..., ::-1].transpose(2, 0, 1)
    return image, ratio


def _grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Corner (n, 2), in cells, and stride (n, 1), in pixels, of every cell the net answers for, in its order."""
    corners, strides = [], []
    for stride in STRIDES:
        cells = side // stride
        y, x = np.divmod(np.arange(cells * cells), cells)
        corners.append(np.stack([x, y], axis=1))
        strides.append(np.full((cells * cells, 1), stride))
    return np.concatenate(corners).astype(np.float32), np.concatenate(strides).astype(np.float32)
