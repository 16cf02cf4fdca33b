from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from facelib.model_zoo import weights
from facelib.model_zoo.registry import card
from facelib.vision.embedders import FaceEmbedder, load_face_embedder
from facelib.vision.nets.ensemble import ABOVE, DLIB_SIDE, HEIGHT, LEFT, WIDTH
from facelib.vision.torch_runtime import TorchRuntime, load, read_ensemble
from tests.vision.test_embedders import chips_of


@pytest.fixture(scope="module")
def runtime() -> TorchRuntime:
    dlib, _, _, own, _ = weights.find(card("facelib-ensemble"))
    return TorchRuntime(read_ensemble(own, dlib), card("facelib-ensemble"), torch.device("cpu"), 1)


def test_the_card_speaks_of_the_pictures_the_network_reads() -> None:
    model, dlib = card("facelib-ensemble"), card("dlib-resnet")
    assert model.input_size == (WIDTH, HEIGHT) and dlib.input_size == (DLIB_SIDE, DLIB_SIDE)
    assert model.template == tuple((x + LEFT, y + ABOVE) for x, y in dlib.template or ())


def test_dlib_sees_what_it_sees_alone(runtime: TorchRuntime, shared: Path) -> None:
    chips = chips_of(shared, card("facelib-ensemble"), 8)
    alone = load(card("dlib-resnet"), weights.find(card("dlib-resnet")), "cpu", 1)
    expected = alone.run(chips[:, ABOVE : ABOVE + DLIB_SIDE, LEFT : LEFT + DLIB_SIDE])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(runtime.run(chips)[:, 256:384], expected, atol=1e-4)


def test_the_own_network_sees_nearly_what_it_sees_alone(runtime: TorchRuntime, shared: Path) -> None:
    alone = load_face_embedder("facelib-face", "cpu", 1)
    vectors = alone.embed(chips_of(shared, card("facelib-face"), 8))
    found = runtime.run(chips_of(shared, card("facelib-ensemble"), 8))
    # Two templates that no turn and scale brings onto each other, so a face does not stand in quite the same place.
    assert (found[:, :256] * vectors).sum(axis=1).min() > 0.9
    assert found.shape == (8, 384)


def test_the_embedder_joins_them(shared: Path) -> None:
    chips = chips_of(shared, card("facelib-ensemble"), 8)
    embedder = load_face_embedder("facelib-ensemble", "cpu", 1)
    assert isinstance(embedder, FaceEmbedder)
    assert embedder.embed(chips).shape == (8, card("facelib-ensemble").dimension)
