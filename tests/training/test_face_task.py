"""Training facelib-face lowers its loss, each part of the loss has its turn, and a batch depends on the seed only."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from facelib.model_zoo.alignment import ARCFACE_112
from facelib.training.augment import Augmentation
from facelib.training.export import export_weights
from facelib.training.face_task import Faces, FaceTask, Locality, LossWeights, NamedFaces, read_faces
from facelib.training.faces_dataset import FaceTable
from facelib.training.loop import Schedule, train
from facelib.vision.zoo.facelib_face import FacelibFace, read_facelib_face


def faces(n: int = 12) -> Faces:
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (n, 128, 128, 3), dtype=np.uint8)
    embeddings = random.standard_normal((n, 256)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    hint = random.integers(-127, 128, (n, 8, 7, 7), dtype=np.int8), np.full(8, 0.01, np.float32)
    return Faces(pictures, embeddings, {7: hint}, np.arange(4), np.arange(n))


def task(weights: LossWeights, named: NamedFaces | None = None, batch: int = 4, augmentation: Augmentation | None = None) -> FaceTask:
    torch.set_num_threads(1)
    return FaceTask(faces(), ARCFACE_112, weights, augmentation or Augmentation(), batch, named=named)


def named() -> NamedFaces:
    return NamedFaces.of(faces().pictures, np.array(list("aabbccddeefg")))


def test_a_few_steps_lower_the_loss_and_the_released_net_gives_the_same_vectors(tmp_path: Path) -> None:
    still = Augmentation(**{field.name: 0.0 for field in dataclasses.fields(Augmentation)})
    learner = task(LossWeights(hint_until=0.5), batch=12, augmentation=still)
    losses = [step.losses["embedding"] for step in train(learner, Schedule(steps=20, learning_rate=2e-3, ema_decay=0.5), tmp_path / "x", 1)]
    assert losses[-1] < losses[4] < losses[0]
    net = learner.modules["net"]
    assert isinstance(net, FacelibFace)
    said = export_weights(net, tmp_path / "net.safetensors")
    assert str((tmp_path / "net.safetensors").stat().st_size) in said
    pixels = torch.rand(5, 3, 112, 112) * 2 - 1
    with torch.inference_mode():
        cosines = (read_facelib_face(tmp_path / "net.safetensors").eval()(pixels) * net(pixels)).sum(dim=1)
    assert float(cosines.min()) > 0.999


def test_hints_fade_out_and_each_part_is_there_when_asked_for() -> None:
    learner = task(LossWeights(hint_until=0.5, contrastive=1.0, margin_softmax=1.0), named())
    random = torch.Generator().manual_seed(0)
    learner.modules.train()
    assert set(learner.losses(0, 0.0, random)) == {"embedding", "relation", "hint-7", "contrastive", "margin-softmax"}
    assert "hint-7" not in learner.losses(0, 0.5, random)


def test_the_first_part_shows_clean_faces_only() -> None:
    learner = task(LossWeights())
    seen = {int(row) for seed in range(20) for row in learner._rows(0.0, torch.Generator().manual_seed(seed))}
    later = {int(row) for seed in range(50) for row in learner._rows(0.5, torch.Generator().manual_seed(seed))}
    assert seen == {0, 1, 2, 3} and later == set(range(12))


def test_people_of_one_photo_are_left_out() -> None:
    people = named()
    assert people.person.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert [rows.tolist() for rows in people.rows_of[:2]] == [[0, 1], [2, 3]]


@pytest.mark.parametrize("step", [0, 5])
def test_a_batch_depends_on_the_seed_alone(step: int) -> None:
    learner = task(LossWeights())
    learner.modules.eval()
    one = learner.losses(step, 0.3, torch.Generator().manual_seed(1))
    same = learner.losses(step, 0.3, torch.Generator().manual_seed(1))
    assert {name: float(value.detach()) for name, value in one.items()} == {name: float(value.detach()) for name, value in same.items()}


@pytest.mark.parametrize("centres", [0, 2])
def test_faces_are_read_with_what_the_teacher_says_of_them_opened_where_they_crowd(tmp_path: Path, centres: int) -> None:
    known = faces()
    np.save(tmp_path / "faces.npy", known.pictures)
    quantised = np.round(known.embeddings * 127 / np.abs(known.embeddings).max(axis=1, keepdims=True)).astype(np.int8)
    np.savez(tmp_path / "teacher.npz", q=quantised, scale=np.full((12, 1), 0.01, np.float32))
    score = np.linspace(0.75, 0.97, 12, dtype=np.float32)
    table = FaceTable(np.arange(12), score, np.arange(12) % 3 == 0)
    found = read_faces(tmp_path, tmp_path / "teacher.npz", table, 0.8, 0.9, [], Locality(centres), children=3)
    shown = [k for k in range(12) if score[k] >= 0.8 and k != 7]
    assert found.every.tolist() == [k for k in shown for _ in range(3 if k % 3 == 0 else 1)]
    assert found.clean.tolist() == [k for k in found.every.tolist() if score[k] >= 0.9]
    np.testing.assert_allclose(np.linalg.norm(found.embeddings, axis=1), 1, atol=1e-5)
    agreed = (found.embeddings * known.embeddings).sum(axis=1)
    assert (agreed > 0.999).all() if centres == 0 else (agreed < 0.99).all()
