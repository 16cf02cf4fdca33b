"""Weights are found where they lie, checked at every call, and never by loading a network library."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from facelib.errors import ExitCode, WeightsError
from facelib.model_zoo import registry, weights
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile

DATA = b"some weights" * 100


def make_card(data: bytes = DATA, **fields: object) -> ModelCard:
    file = ModelFile("net.bin", hashlib.sha256(data).hexdigest(), len(data), "https://example.invalid/net.bin")
    base = ModelCard("net", FACE_EMBEDDER, "a net", "torch", "MIT", "MIT", "nowhere", "nothing", files={"network": file})
    return dataclasses.replace(base, **fields)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACELIB_MODELS", str(tmp_path))
    return tmp_path


def test_right_weights_are_found(folder: Path) -> None:
    (folder / "net.bin").write_bytes(DATA)
    assert weights.find(make_card()) == {"network": folder / "net.bin"}
    assert weights.state(make_card()) == "ready"
    weights.verify(make_card())


def test_missing_weights_name_the_command_that_mends_it(folder: Path) -> None:
    assert weights.state(make_card()) == "missing"
    with pytest.raises(WeightsError, match="missing") as caught:
        weights.find(make_card())
    assert caught.value.advice == "run: facelib models fetch net"
    assert caught.value.exit_code is ExitCode.WEIGHTS


@pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: d + b"x", lambda d: d[:7] + bytes([d[7] ^ 1]) + d[8:]])
def test_one_wrong_byte_is_caught_at_every_load(folder: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    (folder / "net.bin").write_bytes(DATA)
    weights.find(make_card())
    (folder / "net.bin").write_bytes(spoil(DATA))
    assert weights.state(make_card()) == "damaged"
    with pytest.raises(WeightsError, match="damaged"):
        weights.find(make_card())


def test_a_damaged_copy_does_not_hide_a_right_one(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    monkeypatch.setattr(weights, "bundled_folder", lambda: bundled)
    (folder / "net.bin").write_bytes(b"wrong")
    (bundled / "net.bin").write_bytes(DATA)
    assert weights.find(make_card()) == {"network": bundled / "net.bin"}


def test_a_missing_runtime_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "net.bin").write_bytes(DATA)
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    card = make_card(runtime="openvino")
    assert weights.state(card) == "no runtime"
    with pytest.raises(WeightsError) as caught:
        weights.verify(card)
    assert caught.value.advice == "run: pip install 'facelib[openvino]'"


def test_a_file_of_a_package_is_found_without_running_the_package(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "some_weights"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('this package was imported')")
    (package / "models" / "net.bin").write_bytes(DATA)
    file = dataclasses.replace(make_card().files["network"], url=None, package="some-weights")
    card = make_card(files={"network": file})
    with pytest.raises(WeightsError) as caught:
        weights.find(card)
    assert caught.value.advice == "run: pip install --force-reinstall --no-deps some-weights"
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert weights.find(card) == {"network": package / "models" / "net.bin"}
    assert "some_weights" not in sys.modules


def test_the_models_of_a_fresh_gallery_are_ready() -> None:
    for name in registry.DEFAULTS.values():
        assert weights.state(registry.card(name)) == "ready", name
        weights.verify(registry.card(name))


def test_looking_for_weights_loads_no_network_library() -> None:
    program = (
        "import sys; from facelib.model_zoo import registry, weights, fetch; "
        "[weights.state(card) for card in registry.CARDS.values()]; "
        "sys.exit(', '.join({'torch', 'openvino', 'face_recognition_models', 'facenet_pytorch'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
