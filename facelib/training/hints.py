"""Hints (Romero et al. 2015, "FitNets"): feature maps of a teacher's inner layers, which a student learns to reproduce.

A hint gives a target for every position of a feature map, where the embedding gives one vector a face. So a student learns from
far fewer faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.model_zoo.card import ModelCard
from facelib.training.faces_dataset import SIDE, chunks
from facelib.vision.crops import face_chips
from facelib.vision.openvino_runtime import compile_model

_QUANTILE = 0.999


@dataclass(frozen=True)
class Hint:
    """One inner layer of a teacher.

    Attributes
    ----------
    layer : str
        Name of the operation in the teacher's file.
    side : int
        Side of the student's feature map, in cells; the teacher's is resampled to it.
    """

    layer: str
    side: int


def write_hints(teacher: ModelCard, path: Path, faces: np.ndarray, hints: list[Hint], folder: Path) -> None:
    """Run the teacher on all faces and store its feature maps as int8, with one scale a channel.

    Parameters
    ----------
    teacher : ModelCard
        A network that runs on OpenVINO.
    path : Path
        Its file.
    faces : ndarray of shape (n, 128, 128, 3), uint8, RGB
        Aligned as ``faces-unlabelled``.
    hints : list of Hint
    folder : Path
        For each hint, ``hint-SIDE.npy`` of shape (n, channels, side, side), int8, and ``hint-SIDE-scale.npy`` of shape
        (channels,), float32, are written to it. Hints that exist are not computed again.
    """
    wanted = [hint for hint in hints if not (folder / f"hint-{hint.side}.npy").exists()]
    if not wanted:
        return
    request = compile_model(path, 1, [hint.layer for hint in wanted]).create_infer_request()
    landmarks = np.array(scaled(ARCFACE_112, SIDE / 112))[None]
    maps: dict[int, np.ndarray] = {}
    scales: dict[int, np.ndarray] = {}
    for rows, batch in chunks(faces):
        outputs: dict[int, list[np.ndarray]] = {hint.side: [] for hint in wanted}
        for face in batch:
            (chip,) = face_chips(face, landmarks, teacher.template or (), teacher.input_size)
            request.infer([_plane(chip, teacher)])
            for output, hint in enumerate(wanted, 1):
                outputs[hint.side].append(request.get_output_tensor(output).data.copy())
        for side, values in outputs.items():
            resampled = functional.interpolate(torch.from_numpy(np.concatenate(values)), size=(side, side), mode="bilinear").numpy()
            if side not in maps:
                scales[side] = np.maximum(np.quantile(np.abs(resampled), _QUANTILE, axis=(0, 2, 3)) / 127, 1e-6).astype(np.float32)
                np.save(folder / f"hint-{side}-scale.npy", scales[side])
                shape = (len(faces), *resampled.shape[1:])
                maps[side] = np.lib.format.open_memmap(folder / f"hint-{side}.part.npy", mode="w+", dtype=np.int8, shape=shape)
            maps[side][rows] = np.clip(np.rint(resampled / scales[side][:, None, None]), -127, 127)
    for side, written in maps.items():
        written.flush()  # type: ignore[attr-defined]
        (folder / f"hint-{side}.part.npy").replace(folder / f"hint-{side}.npy")


def _plane(chip: np.ndarray, card: ModelCard) -> np.ndarray:
    ordered = chip[..., ::-1] if card.colour == "BGR" else chip
    plane = (ordered - np.asarray(card.mean, dtype=np.float32)) / np.float32(card.scale)
    return np.ascontiguousarray(plane.transpose(2, 0, 1)[None], dtype=np.float32)
