"""YuNet: faces with five landmarks, found by one small net at strides 8, 16 and 32, run by OpenVINO.

Wu et al., "YuNet: a tiny millisecond-level face detector", Machine Intelligence Research 20, 2023.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from facelib.model_zoo.registry import card
from facelib.vision.openvino_runtime import load
from facelib.vision.suppression import suppress

STRIDES = (8, 16, 32)
LEAST_SCORE = 0.5
LEAST_SCORE_FINE = 0.35
OVERLAP = 0.45
# Beyond this size the net, trained at 640 pixels, sees no face any more: a second, smaller look finds those.
LARGEST_FACE = 320.0


Detections = tuple[np.ndarray, np.ndarray, np.ndarray]


class Yunet:
    """The net behind the ``FaceDetector`` protocol.

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
        self._request: Any = load(card("yunet"), threads)

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> Detections:
        """Find the faces of one picture; parameters and results as of :meth:`facelib.vision.mtcnn.Mtcnn.detect`."""
        least = LEAST_SCORE_FINE if fine else LEAST_SCORE
        looks = [self._look(pixels, 1.0, least)]
        longest = max(pixels.shape[:2])
        if longest > LARGEST_FACE:
            looks.append(self._look(pixels, LARGEST_FACE / longest, least))
        boxes, scores, landmarks = (np.concatenate(parts) for parts in zip(*looks))
        kept = suppress(boxes, scores, OVERLAP)
        kept = kept[(boxes[kept, 3] - boxes[kept, 1]) >= 0.8 * min_face]
        return boxes[kept], scores[kept], landmarks[kept]

    def _look(self, pixels: np.ndarray, scale: float, least: float) -> Detections:
        """Faces of the picture looked at in one scale, in pixels of the picture."""
        from PIL import Image

        if scale != 1.0:
            height, width = (max(1, round(scale * side)) for side in pixels.shape[:2])
            pixels = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))
        height, width = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in pixels.shape[:2])
        image = np.zeros((1, 3, height, width), dtype=np.float32)
        image[0, :, : pixels.shape[0], : pixels.shape[1]] = pixels[..., ::-1].transpose(2, 0, 1)
        self._request.infer([image], share_inputs=True)
        parts = [self._decode(stride, width // stride, least) for stride in STRIDES]
        boxes, scores, landmarks = (np.concatenate(part) for part in zip(*parts))
        return boxes / np.float32(scale), scores, landmarks / np.float32(scale)

    def _decode(self, stride: int, columns: int, least: float) -> Detections:
        """Boxes, scores and landmarks of one stride: offsets from the corner of each cell, in cells; sizes as logarithms."""
        read = {name: self._request.get_tensor(f"{name}_{stride}").data[0] for name in ("cls", "obj", "bbox", "kps")}
        scores = np.sqrt(np.clip(read["cls"][:, 0], 0, 1) * np.clip(read["obj"][:, 0], 0, 1))
        cells = np.nonzero(scores >= least)[0]
        corner = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
        middle = (corner + read["bbox"][cells, :2]) * stride
        half = np.exp(read["bbox"][cells, 2:]) * stride / 2
        landmarks = (corner[:, None] + read["kps"][cells].reshape(-1, 5, 2)) * stride
        return np.concatenate([middle - half, middle + half], axis=1), scores[cells], landmarks
