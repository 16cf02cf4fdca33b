"""The configuration files say what the program does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from facelib.settings import INDEX_KEYS, read_settings
from facelib.thresholds import FIELDS

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = sorted((ROOT / "configs").glob("*.toml"))


def test_default_toml_is_what_the_script_writes() -> None:
    expected = runpy.run_path(str(ROOT / "scripts" / "write_configs.py"))["text"]()
    assert (ROOT / "configs" / "default.toml").read_text(encoding="utf-8") == expected, "run: python scripts/write_configs.py"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_config_is_valid(path: Path) -> None:
    read_settings(path)


def test_default_toml_changes_nothing_as_it_is() -> None:
    settings = read_settings(ROOT / "configs" / "default.toml")
    assert not settings.overrides
    assert not settings.index


def test_the_lines_of_default_toml_are_the_defaults(tmp_path: Path) -> None:
    text = (ROOT / "configs" / "default.toml").read_text(encoding="utf-8")
    live = tmp_path / "live.toml"
    live.write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", text), encoding="utf-8")
    settings = read_settings(live)
    assert settings.overrides == {name: field.default for name, field in FIELDS.items()}
    assert settings.index.keys() == INDEX_KEYS.keys()
