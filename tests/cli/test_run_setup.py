"""Before a command processes photos, all models must be ready; else one error names them all and the command that helps."""

from __future__ import annotations

import pytest

from facelib.cli.run_setup import require_models
from facelib.errors import WeightsError
from facelib.model_zoo import weights
from facelib.model_zoo.registry import BODY_DETECTOR, DEFAULTS, FACE_DETECTOR

FETCHED = {**DEFAULTS, FACE_DETECTOR: "yunet", BODY_DETECTOR: "yolox-nano"}


def test_the_defaults_are_ready() -> None:
    require_models(DEFAULTS)


def test_weights_to_fetch_are_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: True)
    monkeypatch.setattr(weights, "_package_folders", lambda file: [])
    with pytest.raises(WeightsError, match="missing or damaged: yunet, yolox-nano, facelib-ensemble") as caught:
        require_models(FETCHED)
    assert caught.value.advice == "run: facelib models fetch yunet yolox-nano"


def test_packages_that_bring_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_package_folders", lambda file: [])
    with pytest.raises(WeightsError, match="missing or damaged: mtcnn, facelib-ensemble") as caught:
        require_models(DEFAULTS)
    assert caught.value.advice == "run: pip install --force-reinstall face_recognition_models facenet-pytorch"


def test_a_missing_runtime_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    real = weights.find_spec
    monkeypatch.setattr(weights, "find_spec", lambda name: None if name == "openvino" else real(name))
    with pytest.raises(WeightsError, match="not installed: OpenVINO, which yunet, yolox-nano run on") as caught:
        require_models(FETCHED)
    assert caught.value.advice == "run: pip install 'facelib[openvino]'"
