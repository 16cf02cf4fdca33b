"""What the commands that look at photos share: which models and thresholds are in force, and whether they are at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facelib.errors import WeightsError
from facelib.model_zoo import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facelib.settings import Settings
    from facelib.stages.setup import Setup


def setup_for(models: Mapping[str, str], settings: Settings, device: str = "auto", threads: int = 1) -> Setup:
    """The models in use with the thresholds in force for them."""
    from facelib.stages.setup import Setup

    thresholds, _ = settings.thresholds(models)
    return Setup(dict(models), thresholds, device, threads)


def require_models(models: Mapping[str, str]) -> None:
    """Refuse to begin where weights or their runtime are missing.

    Raises
    ------
    WeightsError
        Naming all that is missing, and the one command that mends it.
    """
    from facelib.model_zoo.weights import state

    states = {name: state(registry.card(name)) for name in models.values()}
    if no_runtime := [name for name, found in states.items() if found == "no runtime"]:
        raise WeightsError(f"OpenVINO is not installed, and needed for {', '.join(no_runtime)}", "run: pip install 'facelib[openvino]'")
    absent = [name for name, found in states.items() if found != "ready"]
    fetched = [name for name in absent if registry.card(name).fetched]
    if fetched:
        raise WeightsError(f"weights missing or damaged: {', '.join(absent)}", f"run: facelib models fetch {' '.join(fetched)}")
    if absent:
        packages = sorted({package for name in absent if (package := registry.card(name).package)})
        advice = f"run: pip install --force-reinstall {' '.join(packages)}" if packages else "reinstall facelib"
        raise WeightsError(f"weights missing or damaged: {', '.join(absent)}", advice)
