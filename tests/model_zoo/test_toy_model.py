"""Adding an embedder takes one card with its calibrated values and one module: all else follows."""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from facelib.cli.error_handling import run
from facelib.cli.main import cli
from facelib.cli.models_in_use import models_in_use
from facelib.model_zoo import calibration, registry
from facelib.model_zoo.alignment import ARCFACE_112, scaled
from facelib.model_zoo.card import FACE_EMBEDDER, ModelCard, ModelFile
from facelib.model_zoo.thresholds_in_force import thresholds_in_force
from facelib.records import Face, Picture, Sighting
from facelib.settings import Settings, default_gallery
from facelib.stages.setup import Setup
from facelib.thresholds import Thresholds
from facelib.vision import zoo
from facelib.vision.loader import load_face_embedder
from facelib.vision.observer import Observer

NAME = "toy-embedder"
CARD_OF_TOY = """
[clusters]
sets = ["toys"]
error = "none asked for"
date = "2026-11"

[clusters.thresholds]
group_threshold = 0.123
"""
MODULE = '''
"""toy-embedder: a random projection of the pixels."""

from safetensors.numpy import load_file

from facelib.vision.embedders import NetworkFaceEmbedder


class Projection:
    def __init__(self, matrix):
        self.matrix = matrix

    def run(self, chips):
        return (chips.reshape(len(chips), -1) / 255).astype("float32") @ self.matrix


def load(card, files, device, threads):
    return NetworkFaceEmbedder(card, Projection(load_file(files["projection"])["matrix"]))
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelCard]:
    """A toy embedder: its weights in the user's folder, its card and calibrated values with the others, its module in the zoo."""
    models, cards, modules = (tmp_path / name for name in ("weights", "cards", "zoo"))
    models.mkdir()
    modules.mkdir()
    monkeypatch.setenv("FACELIB_MODELS", str(models))
    rng = np.random.default_rng(0)
    save_file({"matrix": rng.standard_normal((16 * 16 * 3, 8)).astype(np.float32)}, models / "toy.safetensors")
    data = (models / "toy.safetensors").read_bytes()
    card = ModelCard(
        name=NAME,
        task=FACE_EMBEDDER,
        what="a random projection",
        runtime="builtin",
        licence_code="as this program",
        licence_weights="CC0",
        origin="a test",
        training_data="none",
        files={"projection": ModelFile("toy.safetensors", hashlib.sha256(data).hexdigest(), len(data))},
        input_size=(16, 16),
        template=scaled(ARCFACE_112, 16 / 112),
        dimension=8,
    )
    monkeypatch.setitem(registry.CARDS, NAME, card)  # type: ignore[arg-type]
    shutil.copytree(calibration.FOLDER, cards)
    (cards / f"{NAME}.toml").write_text(CARD_OF_TOY, encoding="utf-8")
    monkeypatch.setattr(calibration, "FOLDER", cards)
    (modules / "toy_embedder.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(zoo, "__path__", [*zoo.__path__, str(modules)])
    importlib.invalidate_caches()
    calibration.parts.cache_clear()
    yield card
    calibration.parts.cache_clear()
    sys.modules.pop(f"{zoo.__name__}.toy_embedder", None)


def facelib(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    """The records that a command prints; it must end well."""
    capsys.readouterr()
    assert run(cli, [*arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_observer_embeds_with_it(toy: ModelCard) -> None:
    rng = np.random.default_rng(1)
    picture = Picture(rng.integers(0, 256, (80, 80, 3), dtype=np.uint8), 160, 160)
    landmarks = np.array(scaled(ARCFACE_112, 1.0, 20.0), dtype=np.float32)
    sighting = Sighting(Face((20.0, 20.0, 132.0, 132.0), 0.99, landmarks, 0.8), None)
    (embedded,) = Observer({**registry.DEFAULTS, FACE_EMBEDDER: NAME}, Thresholds()).embed(picture, [sighting])
    assert embedded.face_embedding is not None and embedded.face_embedding.shape == (8,)
    assert np.linalg.norm(embedded.face_embedding) == pytest.approx(1, abs=1e-6)
    assert embedded.face == sighting.face


def test_the_list_shows_it_and_a_gallery_can_use_it(toy: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    listed = {record["model"]: record for record in facelib(capsys, "models", "list")}
    assert listed[NAME]["state"] == "ready" and not listed[NAME]["in_use"] and len(listed) == len(registry.CARDS)
    facelib(capsys, "models", "verify", NAME)
    facelib(capsys, "models", "use", NAME)
    assert models_in_use(default_gallery())[FACE_EMBEDDER] == NAME
    assert {record["model"]: record["in_use"] for record in facelib(capsys, "models", "list")}[NAME]


def test_thresholds_and_recipes_follow_it(toy: ModelCard) -> None:
    models = {**registry.DEFAULTS, FACE_EMBEDDER: NAME}
    thresholds, origins = thresholds_in_force(models, Settings())
    assert thresholds.group_threshold == 0.123 and origins["group_threshold"] == f"card {NAME}, clusters: none asked for; on toys; 2026-11"
    recipes, before = Setup(models, thresholds).photo_recipes(), Setup(registry.DEFAULTS, thresholds).photo_recipes()
    assert [stage for stage in recipes if recipes[stage] != before[stage]] == ["embed"]


def test_its_weights_are_checked_like_any_others(toy: ModelCard, tmp_path: Path) -> None:
    from facelib.errors import WeightsError

    path = tmp_path / "weights" / "toy.safetensors"
    assert load_face_embedder(NAME).embed(np.zeros((0, 16, 16, 3), np.uint8)).shape == (0, 8)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(WeightsError, match="damaged"):
        load_face_embedder(NAME)
