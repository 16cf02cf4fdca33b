"""Embedders give unit vectors that tell people apart, and refuse what they cannot read."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from facelib.errors import InputError, WeightsError
from facelib.model_zoo import registry, weights
from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.model_zoo.registry import ModelCard, card
from facelib.training.bodies_dataset import read_bodies
from facelib.vision.centering import read_centroids, unit_rows
from facelib.vision.crops import face_chips
from facelib.vision.embedders import NetworkFaceEmbedder
from facelib.vision.loader import load_body_embedder, load_face_embedder
from facelib.vision.openvino_runtime import OpenvinoRuntime
from facelib.vision.protocols import FaceEmbedder


@cache
def dlib() -> FaceEmbedder:
    return load_face_embedder("dlib-resnet", "cpu", 1)


@cache
def own() -> FaceEmbedder:
    return load_face_embedder("facelib-face", "cpu", 1)


@cache
def both() -> FaceEmbedder:
    return load_face_embedder("facelib-ensemble", "cpu", 1)


@cache
def reid_0095(folder: Path) -> FaceEmbedder:
    pytest.importorskip("openvino")
    reid = card("face-reid-0095")
    runtime = OpenvinoRuntime(reid, folder / reid.files["network"].name, threads=1)
    centering = read_centroids(weights.bundled_folder() / reid.files["centroids"].name, reid.dimension)
    return NetworkFaceEmbedder(reid, runtime, centering.centered)


@cache
def aligned_faces(data: Path, count: int) -> tuple[np.ndarray, ...]:
    """FairFace faces of 128x128, aligned to the common template."""
    with (data / "faces-unlabelled.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if float(row["detector_score"] or 0) > 0.9][: 7 * count : 7]
    with zipfile.ZipFile(data / "faces-unlabelled.zip") as faces:
        return tuple(np.asarray(Image.open(io.BytesIO(faces.read(f"{int(row['index']):05d}.webp"))).convert("RGB")) for row in rows)


def chips_of(shared: Path, model: ModelCard, count: int) -> np.ndarray:
    landmarks = np.array(scaled(ARCFACE_112, 128 / 112))[None]
    faces = aligned_faces(shared / "data", count)
    return np.concatenate([face_chips(face, landmarks, model.template or (), model.input_size) for face in faces])


@pytest.fixture(params=["dlib-resnet", "face-reid-0095", "facelib-face", "facelib-ensemble"])
def embedder(request: pytest.FixtureRequest, shared: Path) -> FaceEmbedder:
    made = {"dlib-resnet": dlib, "face-reid-0095": lambda: reid_0095(shared / "weights"), "facelib-face": own, "facelib-ensemble": both}
    return made[request.param]()


def test_rows_are_unit_and_mirror_images_are_the_same(embedder: FaceEmbedder, shared: Path) -> None:
    chips = chips_of(shared, embedder.card, 5)
    before = chips.copy()
    rows = embedder.embed(chips)
    assert rows.shape == (5, embedder.card.dimension) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    mirrored = embedder.embed(chips[:, :, ::-1])
    if embedder.card.mirrored:
        np.testing.assert_allclose(mirrored, rows, atol=1e-5)
    # A network that is shown only the one or the other has learned that they are one person.
    assert ((mirrored * rows).sum(axis=1) > (0.9 if embedder.card.mirrored else 0.7)).all()
    assert (chips == before).all()


def test_a_batch_gives_what_each_face_alone_gives(embedder: FaceEmbedder, shared: Path) -> None:
    chips = chips_of(shared, embedder.card, 5)
    alone = np.concatenate([embedder.embed(chip[None]) for chip in chips])
    many = np.concatenate([chips] * 7)
    np.testing.assert_allclose(embedder.embed(many), np.concatenate([alone] * 7), atol=1e-4)


def test_no_faces_no_rows(embedder: FaceEmbedder) -> None:
    width, height = embedder.card.input_size
    assert embedder.embed(np.zeros((0, height, width, 3), np.uint8)).shape == (0, embedder.card.dimension)


def test_chips_of_another_size_are_a_bug(embedder: FaceEmbedder) -> None:
    with pytest.raises(ValueError, match="reads uint8 pictures"):
        embedder.embed(np.zeros((1, 10, 10, 3), np.uint8))


def test_the_same_person_is_nearer_than_a_stranger(embedder: FaceEmbedder, shared: Path) -> None:
    chips = chips_of(shared, embedder.card, 12)
    shifted = np.roll(chips, 2, axis=2)
    similar = embedder.embed(chips) @ embedder.embed(shifted).T
    assert (similar.argmax(axis=1) == np.arange(12)).all()
    strangers = similar[~np.eye(12, dtype=bool)]
    assert np.median(strangers) < 0.5


def test_openvino_gives_what_the_float32_network_gives(shared: Path) -> None:
    openvino = pytest.importorskip("openvino")
    reid = card("face-reid-0095")
    chips = chips_of(shared, reid, 6)
    onnx = openvino.Core().read_model(shared / "weights" / "face-reidentification-retail-0095.fp32.onnx")
    reference = openvino.Core().compile_model(onnx, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(chip: np.ndarray) -> np.ndarray:
        blob = np.ascontiguousarray(chip[..., ::-1].transpose(2, 0, 1)[None], dtype=np.float32)
        return np.asarray(reference([blob])[0]).reshape(1, -1)

    expected = unit_rows(np.concatenate([unit_rows(run(chip)) + unit_rows(run(chip[:, ::-1])) for chip in chips]))
    plain = NetworkFaceEmbedder(reid, OpenvinoRuntime(reid, shared / "weights" / reid.files["network"].name, threads=1))
    assert (plain.embed(chips) * expected).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize("name", ["body-reid-0286", "facelib-body"])
def test_upper_bodies_by_a_network(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if card(name).runtime == "openvino":
        pytest.importorskip("openvino")
        monkeypatch.setenv("FACELIB_MODELS", str(shared / "weights"))
    embedder = load_body_embedder(name, "cpu", 1)
    size = embedder.card.input_size
    people = read_bodies(shared / "data" / "upper-bodies.zip").held_out[:6]
    pictures = [Image.fromarray(crop) for crop in people]
    first = np.stack([np.asarray(picture.resize(size)) for picture in pictures])
    second = np.stack([np.asarray(picture.crop((4, 4, 92, 92)).resize(size)) for picture in pictures])
    rows = embedder.embed(first)
    assert rows.shape == (6, embedder.card.dimension) and rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(embedder.embed(first[4:5]), rows[4:5], atol=1e-5)
    assert ((rows @ embedder.embed(second).T).argmax(axis=1) == np.arange(6)).all()
    assert embedder.embed(first[:0]).shape == (0, embedder.card.dimension)


def test_the_histogram_is_an_embedder() -> None:
    embedder = load_body_embedder("colour-texture")
    width, height = embedder.card.input_size
    crops = np.random.default_rng(0).integers(0, 256, (40, height, width, 3)).astype(np.uint8)
    rows = embedder.embed(crops)
    assert rows.shape == (40, embedder.card.dimension)
    np.testing.assert_allclose(embedder.embed(crops[33:34]), rows[33:34], atol=1e-6)
    assert embedder.embed(crops[:0]).shape == (0, embedder.card.dimension)


def test_facenet_reads_its_own_format_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from facenet_pytorch import InceptionResnetV1

    torch.manual_seed(0)
    net = InceptionResnetV1(pretrained=None, classify=True, num_classes=7).eval()
    published = card("facenet-vggface2").files["network"]
    path = tmp_path / published.name
    torch.save(net.state_dict(), path)
    monkeypatch.setenv("FACELIB_MODELS", str(tmp_path))
    data = path.read_bytes()
    file = dataclasses.replace(published, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    random_card = dataclasses.replace(card("facenet-vggface2"), files={"network": file})
    monkeypatch.setattr(registry, "card", lambda name: random_card)
    embedder = load_face_embedder("facenet-vggface2", "cpu", 1)
    chips = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3)).astype(np.uint8)
    net.classify = False
    with torch.inference_mode():
        both = [net((torch.from_numpy(side.copy()).permute(0, 3, 1, 2).float() - 127.5) / 128) for side in (chips, chips[:, :, ::-1])]
    np.testing.assert_allclose(embedder.embed(chips), unit_rows((both[0] + both[1]).numpy()), atol=1e-4)

    monkeypatch.setattr(weights, "find", lambda card: {"network": path})
    state = net.state_dict()
    state.pop("last_bn.weight")
    torch.save(state, path)
    with pytest.raises(WeightsError, match="not the state"):
        load_face_embedder("facenet-vggface2", "cpu")
    torch.save({"code": Path}, path)
    with pytest.raises(WeightsError, match="cannot read"):
        load_face_embedder("facenet-vggface2", "cpu")


def test_names_are_checked() -> None:
    with pytest.raises(InputError, match="no model 'nobody'"):
        load_face_embedder("nobody")
    with pytest.raises(InputError, match="is a body-embedder"):
        load_face_embedder("colour-texture")
    with pytest.raises(InputError, match="is a face-embedder"):
        load_body_embedder("dlib-resnet")


def test_weights_that_were_not_fetched_name_the_command() -> None:
    pytest.importorskip("openvino")
    with pytest.raises(WeightsError) as caught:
        load_face_embedder("face-reid-0095")
    assert caught.value.advice == "run: facelib models fetch face-reid-0095"


def test_zero_rows_stay_zero() -> None:
    np.testing.assert_array_equal(unit_rows(np.array([[0.0, 0.0], [3.0, 4.0]])), np.float32([[0, 0], [0.6, 0.8]]))


def test_the_networks_own_doubt_tells_faces_from_other_pictures(shared: Path) -> None:
    faces = chips_of(shared, own().card, 12)
    others = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 3), dtype=np.uint8).repeat(14, axis=1).repeat(14, axis=2)
    vectors, trusted = own().observe(faces)
    _, doubted = own().observe(others)
    assert trusted is not None and doubted is not None and trusted.shape == (12,)
    assert vectors.shape == (12, 256) and (0 <= trusted).all() and (trusted <= 1).all()
    assert np.median(trusted) > 0.5 > doubted.max()
    assert dlib().observe(chips_of(shared, dlib().card, 2))[1] is None


def test_bfloat16_gives_nearly_the_vectors_of_float32(shared: Path) -> None:
    from facelib.vision.torch_runtime import TorchRuntime
    from facelib.vision.zoo.facelib_face import read_facelib_face

    model = card("facelib-face")
    chips = chips_of(shared, model, 6)
    path = weights.find(model)["network"]
    runtimes = [TorchRuntime(read_facelib_face(path), model, torch.device("cpu"), 1, half=half) for half in (False, True)]
    full, half = (NetworkFaceEmbedder(model, runtime).embed(chips) for runtime in runtimes)
    cosine = (full * half).sum(axis=1)
    assert (cosine > 0.998).all() and not np.array_equal(full, half)
