"""Every card has a module that loads it, and nothing heavy is imported before a model needs it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.model_zoo.card import ModelCard
from facelib.vision import loader


@pytest.mark.parametrize("card", registry.CARDS.values(), ids=lambda card: card.name)
def test_every_card_has_a_module_that_loads_and_converts_what_it_must(card: ModelCard) -> None:
    module = loader.module_of(card)
    assert list(module.load.__annotations__)[:4] == ["card", "files", "device", "threads"]
    converts = any(file.kept_as for file in card.files.values())
    assert hasattr(module, "convert") == converts == (loader.converter_of(card) is not None)


def test_every_module_has_a_card() -> None:
    zoo = importlib.util.find_spec("facelib.vision.zoo")
    assert zoo is not None and zoo.submodule_search_locations
    modules = {path.stem for folder in map(Path, zoo.submodule_search_locations) for path in folder.glob("*.py")}
    assert modules - {"__init__"} == {name.replace("-", "_") for name in registry.CARDS}


def test_a_model_of_another_task_is_refused() -> None:
    with pytest.raises(InputError, match="is a face-judge, not a face-embedder"):
        loader.load_face_embedder("facelib-judge")


def test_models_without_a_network_load_no_network_library() -> None:
    program = (
        "import sys; from facelib.vision import loader\n"
        "loader.load_body_detector('face-geometry'), loader.load_body_embedder('colour-texture'), loader.load_face_judge('detector-view')\n"
        "sys.exit(', '.join({'torch', 'openvino', 'facenet_pytorch'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
