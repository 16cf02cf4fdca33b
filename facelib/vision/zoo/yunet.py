"""yunet: faces with five landmarks, found by one small net at strides 8, 16 and 32, run by OpenVINO.

Wu et al., "YuNet: a tiny millisecond-level face detector", Machine Intelligence Research 20, 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from facelib.model_zoo.card import ModelCard
from facelib.vision.box_decoding import STRIDES, cell_corners, decode_boxes
from facelib.vision.letterbox import padded_planes, resized
from facelib.vision.openvino_runtime import compile_model
from facelib.vision.protocols import Detections
from facelib.vision.suppression import suppress

LEAST_SCORE = 0.5
LEAST_SCORE_FINE = 0.35
OVERLAP = 0.45
# The net, trained at 640 pixels, finds no larger face: a second pass, over a smaller picture, finds those.
LARGEST_FACE = 320.0


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> Yunet:
    """The net, ready to run."""
    return Yunet(files["network"], threads)


class Yunet:
    """The net behind the :class:`~facelib.vision.protocols.FaceDetector` protocol.

    Parameters
    ----------
    network : Path
    threads : int or None
        Threads of one inference; None: as many as OpenVINO takes by itself.

    Raises
    ------
    WeightsError
        If OpenVINO is not installed or cannot read the file.
    """

    def __init__(self, network: Path, threads: int | None = None) -> None:
        self._request = compile_model(network, threads).create_infer_request()

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> Detections:
        """Find faces; see :meth:`facelib.vision.protocols.FaceDetector.detect`."""
        least = LEAST_SCORE_FINE if fine else LEAST_SCORE
        passes = [self._pass(pixels, 1.0, least)]
        longest = max(pixels.shape[:2])
        if longest > LARGEST_FACE:
            passes.append(self._pass(pixels, LARGEST_FACE / longest, least))
        boxes, scores, landmarks = (np.concatenate(arrays) for arrays in zip(*passes))
        best = suppress(boxes, scores, OVERLAP)
        best = best[(boxes[best, 3] - boxes[best, 1]) >= 0.8 * min_face]
        return boxes[best], scores[best], landmarks[best]

    def _pass(self, pixels: np.ndarray, scale: float, least: float) -> Detections:
        """Faces of the picture at one scale, in pixels of the picture."""
        if scale != 1.0:
            pixels = resized(pixels, *(max(1, round(scale * side)) for side in pixels.shape[:2]))
        height, width = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in pixels.shape[:2])
        self._request.infer([padded_planes(pixels, height, width, 0)], share_inputs=True)
        decoded = [self._decode(stride, width // stride, least) for stride in STRIDES]
        boxes, scores, landmarks = (np.concatenate(arrays) for arrays in zip(*decoded))
        return boxes / np.float32(scale), scores, landmarks / np.float32(scale)

    def _decode(self, stride: int, columns: int, least: float) -> Detections:
        """Boxes, scores and landmarks of one stride."""
        output = {name: self._request.get_tensor(f"{name}_{stride}").data[0] for name in ("cls", "obj", "bbox", "kps")}
        scores = np.sqrt(np.clip(output["cls"][:, 0], 0, 1) * np.clip(output["obj"][:, 0], 0, 1))
        cells = np.nonzero(scores >= least)[0]
        corners = cell_corners(cells, columns)
        landmarks = (corners[:, None] + output["kps"][cells].reshape(-1, 5, 2)) * stride
        return decode_boxes(output["bbox"][cells], corners, stride), scores[cells], landmarks
