"""Hints are the teacher's inner feature maps up to rounding, and are computed once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.model_zoo.registry import card
from facelib.training.hints import Hint, write_hints
from facelib.vision.crops import face_chips

pytest.importorskip("openvino")


def test_hints_are_the_teachers_inner_maps_up_to_rounding(shared: Path, tmp_path: Path) -> None:
    from facelib.vision.openvino_runtime import compile_model

    teacher = card("face-reid-0095")
    path = shared / "weights" / teacher.files["network"].name
    y, x = np.mgrid[:128, :128]
    faces = np.stack([np.stack([x * 2, y * 2, (x * (3 + k)) % 256], axis=2) for k in range(2)]).astype(np.uint8)
    write_hints(teacher, path, faces, [Hint("652", 7), Hint("605", 14)], tmp_path)
    request = compile_model(path, 1, ["652"]).create_infer_request()
    landmarks = np.array(scaled(ARCFACE_112, 128 / 112))[None]
    (chip,) = face_chips(faces[1], landmarks, teacher.template or (), teacher.input_size)
    request.infer([np.ascontiguousarray(chip[..., ::-1].transpose(2, 0, 1)[None], dtype=np.float32)])
    inner = torch.from_numpy(request.get_output_tensor(1).data.copy())
    expected = functional.interpolate(inner, size=(7, 7), mode="bilinear")[0].numpy()
    scale = np.load(tmp_path / "hint-7-scale.npy")[:, None, None]
    kept = np.load(tmp_path / "hint-7.npy")[1] * scale
    assert (np.abs(kept - np.clip(expected, -127 * scale, 127 * scale)) <= 0.51 * scale + 1e-6).all()
    assert np.load(tmp_path / "hint-14.npy").shape == (2, 128, 14, 14)


def test_hints_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    np.save(tmp_path / "hint-7.npy", np.zeros(1))
    write_hints(card("face-reid-0095"), tmp_path / "nowhere.xml", np.zeros((1, 128, 128, 3), np.uint8), [Hint("652", 7)], tmp_path)
