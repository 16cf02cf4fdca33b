"""An exported network gives the vectors that it gives here."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from facelib.errors import InputError
from facelib.model_zoo import registry, weights
from facelib.model_zoo.registry import BODY_EMBEDDER, FACE_EMBEDDER

onnx = pytest.importorskip("onnx", reason="needs onnx, of the extra 'training'")
pytest.importorskip("openvino", reason="needs openvino, of the extra 'openvino', to run the graph")

EXPORT = Path(__file__).resolve().parents[2] / "scripts" / "export_onnx.py"
TWO = "facelib-ensemble"
CARDS = [
    card
    for card in registry.CARDS.values()
    if card.task in (FACE_EMBEDDER, BODY_EMBEDDER) and card.runtime == "torch" and card.name != TWO
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore:.*:torch.jit.TracerWarning")
@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_the_graph_gives_the_same_vectors(card: registry.ModelCard, tmp_path: Path) -> None:
    if weights.state(card) != weights.READY:
        pytest.skip(f"the weights of {card.name} are not here")
    import torch

    from facelib.vision.loader import module_of
    from facelib.vision.openvino_runtime import compile_model
    from facelib.vision.torch_runtime import TorchRuntime

    out = tmp_path / "net.onnx"
    runpy.run_path(str(EXPORT))["export"](card, out)
    about = {prop.key: prop.value for prop in onnx.load(str(out), load_external_data=False).metadata_props}
    assert about["model"] == card.name and about["digest"] == card.digest and about["licence"] == card.licence_weights

    width, height = card.input_size
    rng = np.random.default_rng(0)
    # Smooth pictures of many kinds: noise alone would all look alike to a network.
    coarse = rng.integers(0, 256, (5, 6, 6, 3), dtype=np.uint8)
    rows, columns = np.arange(height) * 6 // height, np.arange(width) * 6 // width
    pictures = coarse[:, rows][:, :, columns]
    found = TorchRuntime(module_of(card).network(weights.find(card)), card, torch.device("cpu")).run(pictures)
    here = found[:, : card.dimension] / np.linalg.norm(found[:, : card.dimension], axis=1, keepdims=True)
    ordered = pictures[..., ::-1] if card.colour == "BGR" else pictures
    request = compile_model(out, None).create_infer_request()
    for count in (5, 1):
        request.infer([np.ascontiguousarray(ordered[:count].transpose(0, 3, 1, 2), dtype=np.float32)])
        there = request.get_output_tensor(0).data
        assert there.shape == (count, card.dimension)
        assert np.einsum("ij,ij->i", here[:count], there).min() >= 0.999
        assert np.allclose(np.linalg.norm(there, axis=1), 1, atol=1e-4)
        if card.reliability:
            odds = found[:count, card.dimension]
            assert np.allclose(request.get_output_tensor(1).data, 1 / (1 + np.exp(-odds)), atol=1e-3)
    assert (here @ here.T)[0, 1] < 0.99, "pictures that differ give vectors that differ"


def test_two_networks_are_exported_one_by_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two networks"):
        runpy.run_path(str(EXPORT))["export"](registry.card(TWO), tmp_path / "net.onnx")
