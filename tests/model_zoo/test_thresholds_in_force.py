"""The thresholds in force: defaults, then what the models' cards are calibrated to, then the user's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from facelib.errors import InputError
from facelib.model_zoo import registry
from facelib.model_zoo.thresholds_in_force import thresholds_in_force
from facelib.settings import Settings
from facelib.thresholds import FIELDS, Thresholds


def test_each_value_comes_from_the_last_that_sets_it() -> None:
    settings = Settings({"group_threshold": 0.11}, {}, Path("mine.toml"))
    values, origins = thresholds_in_force(registry.DEFAULTS, settings)
    assert origins.keys() == FIELDS.keys()
    assert values.group_threshold == 0.11 and origins["group_threshold"] == "mine.toml"
    card = registry.card(registry.DEFAULTS[registry.FACE_EMBEDDER])
    assert values.alpha == card.thresholds["alpha"]
    assert origins["alpha"] == f"card facelib-ensemble, {card.threshold_origin('alpha')}"
    assert values.max_pixels == Thresholds().max_pixels and origins["max_pixels"] == "default"


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InputError, match="no model 'nobody'"):
        thresholds_in_force({**registry.DEFAULTS, registry.FACE_JUDGE: "nobody"}, Settings())
