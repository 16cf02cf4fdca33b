"""The ensemble sees what its two networks see alone, and fuses their vectors by its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from facelib.errors import WeightsError
from facelib.model_zoo import weights
from facelib.model_zoo.registry import card
from facelib.vision.centering import unit_rows
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.fusion import ScoreFusion
from facelib.vision.loader import load_face_embedder
from facelib.vision.torch_runtime import TorchRuntime
from facelib.vision.zoo import dlib_resnet
from facelib.vision.zoo.facelib_ensemble import ABOVE, DLIB_DIMENSION, DLIB_SIDE, FACE_DIMENSION, HEIGHT, LEFT, WIDTH, network, read_fusion
from tests.vision.test_embedders import chips_of


@pytest.fixture(scope="module")
def runtime() -> TorchRuntime:
    return TorchRuntime(network(weights.find(card("facelib-ensemble"))), card("facelib-ensemble"), torch.device("cpu"), 1)


def test_the_card_speaks_of_the_pictures_the_network_reads() -> None:
    model, dlib = card("facelib-ensemble"), card("dlib-resnet")
    assert model.input_size == (WIDTH, HEIGHT) and dlib.input_size == (DLIB_SIDE, DLIB_SIDE)
    assert model.template == tuple((x + LEFT, y + ABOVE) for x, y in dlib.template or ())


def test_dlib_sees_what_it_sees_alone(runtime: TorchRuntime, shared: Path) -> None:
    chips = chips_of(shared, card("facelib-ensemble"), 8)
    alone = TorchRuntime.of(dlib_resnet.network(weights.find(card("dlib-resnet"))), card("dlib-resnet"), "cpu", 1)
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
    assert isinstance(embedder, NetworkFaceEmbedder)
    assert embedder.embed(chips).shape == (8, card("facelib-ensemble").dimension)


def test_the_fusion_is_read_from_its_files_and_nothing_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    centre, centres = rng.standard_normal(DLIB_DIMENSION).astype(np.float32), rng.standard_normal((5, FACE_DIMENSION)).astype(np.float32)
    save_file({"centre": centre}, tmp_path / "centre")
    save_file({"centres": centres, "part": np.float32([0.5]), "sharpness": np.float32([20])}, tmp_path / "centres")
    axes = np.linalg.qr(rng.standard_normal((FACE_DIMENSION + DLIB_DIMENSION, 64)))[0]
    held = {"share": np.float32([0.25]), "axes": axes.astype(np.float32)}
    save_file(held, tmp_path / "blend")

    def read(dimension: int) -> ScoreFusion:
        files = {"fusion": "blend", "face_centroids": "centres", "dlib_mean_vector": "centre"}
        return read_fusion({role: tmp_path / name for role, name in files.items()}, dimension)

    fusion = read(64)
    face, dlib = fusion.networks
    assert face.weight == 0.25 and face.centering.fraction == 0.5 and face.centering.sharpness == 20
    np.testing.assert_array_equal(dlib.centering.mean, centre)
    assert fusion.fused(unit_rows(rng.standard_normal((6, FACE_DIMENSION + DLIB_DIMENSION)))).shape == (6, 64)
    with pytest.raises(WeightsError, match="no axes of the right shape"):
        read(65)
    held["share"][0] = np.nan
    save_file(held, tmp_path / "blend")
    with pytest.raises(WeightsError, match="no share"):
        read(64)
    (tmp_path / "blend").write_bytes(b"no safetensors")
    with pytest.raises(WeightsError, match="cannot read"):
        read(64)
