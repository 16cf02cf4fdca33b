"""Pickled weights are kept as safetensors: the same numbers, checked like any other file."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from facenet_pytorch import InceptionResnetV1

from facelib.errors import WeightsError
from facelib.model_zoo import fetch, registry, weights
from facelib.model_zoo.card import ModelCard
from facelib.vision.loader import converter_of, load_face_embedder
from facelib.vision.zoo.facenet_vggface2 import read_facenet


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModelCard, Path]:
    """A card and a folder with a file of random weights in the published form, classifier included."""
    source = tmp_path / "source"
    source.mkdir()
    real = registry.card("facenet-vggface2")
    path = source / real.files["network"].name
    torch.manual_seed(0)
    torch.save(InceptionResnetV1(pretrained=None, num_classes=7).state_dict(), path)
    data = path.read_bytes()
    file = dataclasses.replace(real.files["network"], sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    card = dataclasses.replace(real, files={"network": file})
    monkeypatch.setattr(registry, "card", lambda name: card)
    monkeypatch.setenv("FACELIB_MODELS", str(tmp_path / "models"))
    return card, source


def test_what_is_fetched_is_kept_as_safetensors_only(published: tuple[ModelCard, Path], tmp_path: Path) -> None:
    card, source = published
    (path,) = fetch.fetch(card, tmp_path / "models", source, converter=converter_of(card))
    assert path.suffix == ".safetensors"
    assert sorted(p.suffix for p in path.parent.iterdir()) == [".safetensors", ".sha256"]
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in path.parent.iterdir())
    assert weights.state(card) == weights.READY and weights.find(card) == {"network": path}
    kept, original = read_facenet(path).state_dict(), read_facenet(source / card.files["network"].name).state_dict()
    assert kept.keys() == original.keys() and not any(name.startswith("logits") for name in kept)
    assert all(torch.equal(kept[name], original[name]) for name in kept)
    faces = np.random.default_rng(0).integers(0, 255, (2, 160, 160, 3), dtype=np.uint8)
    assert load_face_embedder("facenet-vggface2", "cpu", 1).embed(faces).shape == (2, 512)


def test_a_second_fetch_finds_it_there(published: tuple[ModelCard, Path], tmp_path: Path) -> None:
    card, source = published
    first = fetch.fetch(card, tmp_path / "models", source, converter=converter_of(card))
    before = first[0].stat().st_mtime_ns
    assert fetch.fetch(card, tmp_path / "models", source, converter=converter_of(card)) == first
    assert first[0].stat().st_mtime_ns == before


@pytest.mark.parametrize("what", ["a flipped byte", "another source", "no record"])
def test_a_converted_file_that_is_not_the_one_is_refused(published: tuple[ModelCard, Path], tmp_path: Path, what: str) -> None:
    card, source = published
    (path,) = fetch.fetch(card, tmp_path / "models", source, converter=converter_of(card))
    record = path.with_name(path.name + ".sha256")
    if what == "a flipped byte":
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
    elif what == "another source":
        record.write_text(record.read_text().replace(card.files["network"].sha256, "0" * 64))
    else:
        record.unlink()
    assert weights.state(card) == weights.DAMAGED
    with pytest.raises(WeightsError, match="damaged"):
        weights.find(card)
    assert fetch.fetch(card, tmp_path / "models", source, converter=converter_of(card)) == [path], "a fetch mends it"
    assert weights.state(card) == weights.READY


def test_a_file_to_convert_is_not_fetched_without_a_converter(published: tuple[ModelCard, Path], tmp_path: Path) -> None:
    card, source = published
    with pytest.raises(ValueError, match="no converter"):
        fetch.fetch(card, tmp_path / "models", source)
    assert not (tmp_path / "models").exists()
    assert converter_of(registry.CARDS["yunet"]) is None
