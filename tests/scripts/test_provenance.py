"""Figures are tied to the weights and the thresholds they were measured with, and to no more."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from facelib.model_zoo import registry

Import = Callable[[str], ModuleType]


def test_only_the_thresholds_that_a_report_reads_count(script: Import) -> None:
    of = script("reports.provenance").provenance
    one, other = of("verification", "dlib-resnet"), of("verification", "face-reid-0095")
    assert one["thresholds"] == other["thresholds"], "both read those of the detector"
    assert of("clustering", "dlib-resnet")["thresholds"] != of("clustering", "face-reid-0095")["thresholds"]
    assert of("verification", "dlib-resnet", "yunet")["thresholds"] != one["thresholds"]
    assert of("speed", "dlib-resnet")["models"] == {} and of("verification", "dlib-resnet")["models"].keys() == {"mtcnn"}
    assert of("clustering", "dlib-resnet")["models"].keys() == set(registry.DEFAULTS.values()) - {registry.DEFAULTS[registry.FACE_EMBEDDER]}


@pytest.mark.parametrize("key", ["digest", "models", "thresholds"])
def test_what_was_measured_with_something_else_is_stale(script: Import, key: str) -> None:
    provenance = script("reports.provenance")
    figures = {**provenance.provenance("clustering", "dlib-resnet"), "detector": "mtcnn", "faces": 3}
    assert not provenance.is_stale("clustering", "dlib-resnet", figures)
    assert provenance.is_stale("clustering", "dlib-resnet", {**figures, key: "other"})
    assert provenance.is_stale("clustering", "dlib-resnet", {name: value for name, value in figures.items() if name != key})


def test_evaluate_writes_it_beside_the_figures(script: Import, tmp_path: Path) -> None:
    evaluate, provenance = script("evaluate"), script("reports.provenance")
    request = argparse.Namespace(detector="mtcnn")
    evaluate.store_figures(tmp_path / "figures.json", "verification", {"dlib-resnet": {"accuracy": 0.5}}, request)
    (kept,) = json.loads((tmp_path / "figures.json").read_text())["verification"].values()
    assert kept["accuracy"] == 0.5 and not provenance.is_stale("verification", "dlib-resnet", kept)
