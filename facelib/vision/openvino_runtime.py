"""OpenVINO, where it is installed: reads ONNX and IR files and runs them on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facelib.errors import WeightsError
from facelib.model_zoo.card import ModelCard
from facelib.model_zoo.offline import silence_openvino


class OpenvinoRuntime:
    """An IR or ONNX network on the CPU in float32, so that the numbers do not depend on what the processor offers.

    One picture at a time is quicker here than batches: 7 ms a face against 8 to 9 in batches of 8 or 32, one thread.

    Parameters
    ----------
    card : ModelCard
        Its mean, scale and colour order prepare the pixels.
    network, weights : Path, Path or None
        As for :func:`compile_model`.
    """

    def __init__(self, card: ModelCard, network: Path, weights: Path | None = None, threads: int | None = None) -> None:
        self._request = compile_model(network, threads, weights=weights).create_infer_request()
        self._mean = np.asarray(card.mean, dtype=np.float32)
        self._scale = np.float32(card.scale)
        self._bgr = card.colour == "BGR"

    def run(self, chips: np.ndarray) -> np.ndarray:
        ordered = chips[..., ::-1] if self._bgr else chips
        planes = np.ascontiguousarray(((ordered - self._mean) / self._scale).transpose(0, 3, 1, 2), dtype=np.float32)
        vectors = []
        for plane in planes:
            self._request.infer([plane[None]])
            vectors.append(self._request.get_output_tensor(0).data.reshape(-1).copy())
        return np.stack(vectors).astype(np.float32, copy=False)


def compile_model(network: Path, threads: int | None, layers: Sequence[str] = (), weights: Path | None = None) -> Any:
    """The network of a file, compiled for the CPU, in full float32.

    Where the CPU has AMX, OpenVINO would take bfloat16 by itself, and two machines would give different numbers.

    Parameters
    ----------
    network : Path
        An ONNX file, or the ``.xml`` of an IR.
    threads : int or None
        Threads of one inference; None: as many as OpenVINO takes by itself.
    layers : sequence of str
        Operations whose output is given behind the network's own outputs.
    weights : Path or None
        The ``.bin`` of an IR; None: the file of that name beside the network.

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
        model = core.read_model(str(network), str(weights)) if weights else core.read_model(str(network))
        if layers:
            model.add_outputs([(layer, 0) for layer in layers])
        return core.compile_model(model, "CPU", options)
    except RuntimeError as error:
        raise WeightsError(f"OpenVINO cannot read {network}: {str(error).splitlines()[0]}") from error
