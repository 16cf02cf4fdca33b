"""OpenVINO, where it is installed: reads ONNX and IR files and runs them on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facelib.errors import WeightsError
from facelib.model_zoo import weights
from facelib.model_zoo.offline import silence_openvino
from facelib.model_zoo.registry import ModelCard


def load(card: ModelCard, threads: int | None) -> Any:
    """A request to run the network of a card, its weights checked.

    Raises
    ------
    WeightsError
        If OpenVINO is not installed, or the weights are missing, damaged or unreadable.
    """
    weights.need_runtime(card)
    return compile_model(weights.find(card)[0], threads).create_infer_request()


def compile_model(path: Path, threads: int | None, layers: Sequence[str] = ()) -> Any:
    """The network of a file, compiled for the CPU; what the named operations give comes out behind its own outputs.

    Full float32: where the CPU has AMX, OpenVINO would take bfloat16 by itself, and two machines would give different numbers.

    Raises
    ------
    WeightsError
        If OpenVINO is not installed or cannot read the file.
    """
    silence_openvino()
    try:
        import openvino
    except ImportError as error:
        raise WeightsError("this model runs on OpenVINO, which is not installed", "run: pip install 'facelib[openvino]'") from error
    # Pinned to a core, as by default, the workers of one run would all wait for the same one.
    options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False}
    if threads:
        options["INFERENCE_NUM_THREADS"] = threads
    try:
        core = openvino.Core()
        model = core.read_model(str(path))
        if layers:
            model.add_outputs([(layer, 0) for layer in layers])
        return core.compile_model(model, "CPU", options)
    except RuntimeError as error:
        raise WeightsError(f"OpenVINO cannot read {path}: {str(error).splitlines()[0]}") from error
