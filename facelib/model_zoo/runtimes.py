"""The libraries that networks run on: what they are called, and what has to be installed for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RuntimeLibrary:
    """One library that runs networks.

    Attributes
    ----------
    title : str
        Its name for people.
    module : str or None
        The module that must be importable; None where no library is needed.
    requirement : str
        What ``pip install`` takes to install it; empty where no library is needed.
    """

    title: str
    module: str | None = None
    requirement: str = ""


RUNTIMES: Mapping[str, RuntimeLibrary] = {
    "builtin": RuntimeLibrary("built in"),
    "torch": RuntimeLibrary("PyTorch", "torch", "torch"),
    "openvino": RuntimeLibrary("OpenVINO", "openvino", "facelib[openvino]"),
}
"""By :attr:`facelib.model_zoo.card.ModelCard.runtime`."""
