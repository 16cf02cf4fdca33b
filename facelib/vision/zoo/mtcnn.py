"""mtcnn: faces with five landmarks, found by a cascade of three small nets.

Zhang et al., "Joint face detection and alignment using multitask cascaded convolutional networks", IEEE SPL 2016. The
nets and their weights are those of facenet-pytorch; the cascade around them is written anew, because facenet-pytorch's
own resizes the whole picture once for every scale and crops one candidate at a time. Here each scale is made from the
first, and all candidates of a stage are cut at once from one summed-area table (Crow 1984), which gives the same area
means as facenet-pytorch's for four look-ups a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from facelib.model_zoo.card import ModelCard
from facelib.model_zoo.offline import facenet_without_dependencies
from facelib.vision.device import choose
from facelib.vision.protocols import Detections
from facelib.vision.suppression import suppress, suppress_nested

SCALE_FACTOR = 0.709
SMALLEST_INPUT = 12
# Faces come out of the cascade up to a tenth smaller or larger than the scale that found them.
SIZE_MARGIN = 0.92
FIRST, SECOND, THIRD = 0.6, 0.7, 0.7
FIRST_FINE = 0.5
MOST_CANDIDATES = 2000
MOST_REFINED = 600
BATCH = 256
# What lies outside the picture: it is 0 to the nets.
_GREY = 127.5


def load(card: ModelCard, files: Mapping[str, Path], device: str, threads: int | None) -> Mtcnn:
    """The cascade, ready to run."""
    return Mtcnn(files, choose(device), threads)


def area_table(pixels: np.ndarray) -> np.ndarray:
    """Summed-area table of shape (h + 1, w + 1, 3), int32, of a uint8 picture.

    The sums wrap around in large pictures; differences of them are right all the same as long as one mean is taken
    over fewer than 8 million pixels.
    """
    height, width = pixels.shape[:2]
    along = torch.cumsum(torch.from_numpy(np.require(pixels, requirements=["C", "W"])), 1, dtype=torch.int32).numpy()
    table = np.zeros((height + 1, width + 1, 3), dtype=np.int32)
    for y in range(height):  # three times as quick as np.cumsum along the first axis
        np.add(table[y, 1:], along[y], out=table[y + 1, 1:])
    return table


def _edges(start: np.ndarray, length: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the bins of adaptive average pooling begin and end: shapes (n, bins)."""
    k = np.arange(bins)
    return (
        start[:, None] + (k * length[:, None]) // bins,
        start[:, None] + -((-(k + 1) * length[:, None]) // bins),
    )


def pyramid(pixels: np.ndarray, least: float) -> Iterator[tuple[float, np.ndarray]]:
    """The picture at falling scales, the first of which makes a face of ``least`` pixels as large as the first net's input.

    Yields
    ------
    scale : float
    image : ndarray of shape (1, h, w, 3), float32, 0..255
    """
    height, width = pixels.shape[:2]
    scale = SMALLEST_INPUT / max(least, 1.0)
    base = Image.fromarray(pixels)
    first = True
    while min(height, width) * scale >= SMALLEST_INPUT:
        size = (int(width * scale + 1), int(height * scale + 1))
        image = base.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
        if first:
            base, first = image, False  # the later ones shrink this one: little changes, and the picture is read once
        yield scale, np.asarray(image, dtype=np.float32)[None]
        scale *= SCALE_FACTOR


def crops(table: np.ndarray, boxes: np.ndarray, side: int) -> np.ndarray:
    """Crops of the picture as area means: shape (n, side, side, 3), float32, 0..255; grey where there is no picture.

    ``boxes`` of shape (n, 4), int: x0, y0, x1, y1, of at least one pixel, perhaps partly outside the picture.
    """
    flat = table.reshape(-1, 3)
    pitch = table.shape[1]
    # facenet-pytorch cuts off what lies outside and stretches the rest, which moves landmarks by up to half a face.
    x0, x1 = (np.clip(edge, 0, pitch - 1) for edge in _edges(boxes[:, 0], boxes[:, 2] - boxes[:, 0], side))
    y0, y1 = (np.clip(edge, 0, table.shape[0] - 1) for edge in _edges(boxes[:, 1], boxes[:, 3] - boxes[:, 1], side))
    top, bottom = (y0 * pitch)[:, :, None], (y1 * pitch)[:, :, None]
    left, right = x0[:, None, :], x1[:, None, :]
    sums = flat.take(bottom + right, axis=0)
    sums -= flat.take(bottom + left, axis=0)
    sums -= flat.take(top + right, axis=0)
    sums += flat.take(top + left, axis=0)
    count = (y1 - y0)[:, :, None] * (x1 - x0)[:, None, :]
    means = sums.astype(np.float32)
    means /= np.maximum(count, 1)[..., None].astype(np.float32)
    means[count == 0] = _GREY
    return means


class Mtcnn:
    """The cascade behind the :class:`~facelib.vision.protocols.FaceDetector` protocol.

    Parameters
    ----------
    files : mapping of str to Path
        ``pnet``, ``rnet`` and ``onet``.
    device : torch.device
    threads : int or None
        Threads of one operation; torch keeps this number for the whole process. None: leave it as it is.
    """

    def __init__(self, files: Mapping[str, Path], device: torch.device, threads: int | None = None) -> None:
        with facenet_without_dependencies():
            from facenet_pytorch.models.mtcnn import ONet, PNet, RNet

        if threads and device.type == "cpu":
            torch.set_num_threads(threads)
        self._device = device
        self._first = self._load(PNet(pretrained=False), files["pnet"])
        self._second = self._load(RNet(pretrained=False), files["rnet"])
        self._third = self._load(ONet(pretrained=False), files["onet"])

    def _load(self, net: torch.nn.Module, path: Path) -> torch.nn.Module:
        net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        return net.eval().to(self._device, memory_format=torch.channels_last)

    def detect(self, pixels: np.ndarray, min_face: float, fine: bool = False) -> Detections:
        """Find faces; see :meth:`facelib.vision.protocols.FaceDetector.detect`."""
        table = area_table(pixels)
        boxes = self._propose(pixels, SIZE_MARGIN * min_face, FIRST_FINE if fine else FIRST)
        boxes = self._refine(table, boxes)
        return self._finish(table, boxes)

    def _run(self, net: torch.nn.Module, inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Outputs of a net for (n, h, w, 3) pixel values 0..255."""
        outputs = []
        with torch.inference_mode():
            for start in range(0, len(inputs), BATCH):
                # A permuted view of (n, h, w, c) is already in torch's channels_last layout.
                batch = torch.from_numpy(inputs[start : start + BATCH]).to(self._device).permute(0, 3, 1, 2)
                outputs.append([out.cpu().numpy() for out in net((batch - 127.5) * 0.0078125)])
        return tuple(np.concatenate(arrays) for arrays in zip(*outputs))

    def _propose(self, pixels: np.ndarray, least: float, threshold: float) -> np.ndarray:
        """First net, over a pyramid of scales: square candidate boxes of shape (n, 4), most likely first."""
        candidates = [np.empty((0, 9), dtype=np.float32)]
        for scale, image in pyramid(pixels, least):
            shifts, chances = self._run(self._first, image)
            rows, columns = np.nonzero(chances[0, 1] >= threshold)
            corner = np.stack([columns, rows], axis=1).astype(np.float32) * 2
            boxes = np.concatenate(
                [
                    np.floor((corner + 1) / scale),
                    np.floor((corner + SMALLEST_INPUT) / scale),
                    chances[0, 1, rows, columns][:, None],
                    shifts[0][:, rows, columns].T,
                ],
                axis=1,
            ).astype(np.float32)
            candidates.append(boxes[suppress(boxes[:, :4], boxes[:, 4], 0.5)])
        boxes = np.concatenate(candidates)
        boxes = boxes[suppress(boxes[:, :4], boxes[:, 4], 0.7)][:MOST_CANDIDATES]
        size = boxes[:, 2:4] - boxes[:, :2]
        return _square(boxes[:, :4] + boxes[:, 5:9] * np.tile(size, 2))

    def _refine(self, table: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Second net: the boxes that pass, corrected and square again."""
        boxes, whole = _inside(boxes, table)
        if not len(boxes):
            return boxes
        shifts, chances = self._run(self._second, crops(table, whole, 24))
        passed = chances[:, 1] > SECOND
        boxes, scores, shifts = boxes[passed], chances[passed, 1], shifts[passed]
        best = suppress(boxes, scores, 0.7)[:MOST_REFINED]
        return _square(_correct(boxes[best], shifts[best]))

    def _finish(self, table: np.ndarray, boxes: np.ndarray) -> Detections:
        """Third net: final boxes, scores and landmarks."""
        boxes, whole = _inside(boxes, table)
        if not len(boxes):
            return np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty((0, 5, 2), np.float32)
        shifts, points, chances = self._run(self._third, crops(table, whole, 48))
        passed = chances[:, 1] > THIRD
        boxes, shifts, points, scores = boxes[passed], shifts[passed], points[passed], chances[passed, 1]
        size = boxes[:, 2:] - boxes[:, :2] + 1
        landmarks = points.reshape(-1, 2, 5).transpose(0, 2, 1) * size[:, None] + boxes[:, None, :2] - 1
        boxes = _correct(boxes, shifts)
        best = suppress_nested(boxes, scores, 0.7)
        return boxes[best].astype(np.float32), scores[best], landmarks[best].astype(np.float32)


def _square(boxes: np.ndarray) -> np.ndarray:
    """Squares about the same middle, as long as the longer side."""
    size = boxes[:, 2:] - boxes[:, :2]
    side = size.max(axis=1, keepdims=True)
    corner = boxes[:, :2] + size * 0.5 - side * 0.5
    return np.concatenate([corner, corner + side], axis=1)


def _correct(boxes: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Boxes moved by the shifts a net gives, which are fractions of the box."""
    return boxes + shifts * np.tile(boxes[:, 2:] - boxes[:, :2] + 1, 2)


def _inside(boxes: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The boxes that cover at least one pixel of the picture, and the same in whole pixels."""
    height, width = table.shape[0] - 1, table.shape[1] - 1
    whole = np.trunc(boxes).astype(np.int64)
    whole[:, :2] -= 1
    inner = np.clip(whole, 0, (width, height, width, height))
    seen = (inner[:, 2] > inner[:, 0]) & (inner[:, 3] > inner[:, 1])
    return boxes[seen], whole[seen]
