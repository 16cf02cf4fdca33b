"""The configuration files say what the program does."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest

from facelib.settings import INDEX_KEYS, read_settings
from facelib.thresholds import FIELDS, default_of

ROOT = Path(__file__).resolve().parents[1]
TRAINING = sorted((ROOT / "configs").glob("train-*.toml"))
CONFIGS = sorted(set((ROOT / "configs").glob("*.toml")) - set(TRAINING))


def test_default_toml_is_what_the_script_writes() -> None:
    expected = runpy.run_path(str(ROOT / "scripts" / "write_configs.py"))["text"]()
    assert (ROOT / "configs" / "default.toml").read_text(encoding="utf-8") == expected, "run: python scripts/write_configs.py"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_config_is_valid(path: Path) -> None:
    read_settings(path)


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.name)
def test_a_training_configuration_is_read_whole(path: Path) -> None:
    """Each table is one of the training's own; a key they do not have is an error there."""
    from facelib.training.augment import Augmentation
    from facelib.training.body_task import Batch
    from facelib.training.face_task import LossWeights
    from facelib.training.loop import Schedule

    config = tomllib.loads(path.read_text(encoding="utf-8"))
    assert Schedule(**config["schedule"]).steps > 0
    if path.name == "train-face.toml":
        assert Augmentation(**config["augmentation"]) and LossWeights(**config["weights"])
    if path.name == "train-body.toml":
        assert Augmentation(**config["augmentation"]) and Batch(**config["batch"]) and config["temperature"] > 0


def test_default_toml_changes_nothing_as_it_is() -> None:
    settings = read_settings(ROOT / "configs" / "default.toml")
    assert not settings.overrides
    assert not settings.index


def test_the_lines_of_default_toml_are_the_defaults(tmp_path: Path) -> None:
    text = (ROOT / "configs" / "default.toml").read_text(encoding="utf-8")
    live = tmp_path / "live.toml"
    live.write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", text), encoding="utf-8")
    settings = read_settings(live)
    assert settings.overrides == {name: default_of(name) for name in FIELDS}
    assert settings.index.keys() == INDEX_KEYS.keys()


def test_the_example_of_the_page_is_valid(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "configs" / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "config.toml").write_text(example, encoding="utf-8")
    settings = read_settings(tmp_path / "config.toml")
    assert settings.index and settings.overrides


def test_the_page_lists_every_file_and_key() -> None:
    page = (ROOT / "configs" / "README.md").read_text(encoding="utf-8")
    for name in [*(path.name for path in (ROOT / "configs").glob("*.toml")), *INDEX_KEYS]:
        assert f"`{name}`" in page
