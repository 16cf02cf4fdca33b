"""Libraries without the parts of them that open sockets.

facenet-pytorch imports ``requests`` for downloads that this program never makes, and the import alone binds a socket to
see whether the machine has IPv6. OpenVINO imports ``openvino_telemetry``, which reports each use over the network
unless the user has opted out. Neither happens here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


def silence_openvino() -> None:
    """Make OpenVINO's import of its telemetry fail; it then takes the stub that it carries for this case."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]


@contextmanager
def without_requests() -> Iterator[None]:
    """Inside, ``import requests`` gives an empty module, unless the real one was imported before."""
    if "requests" in sys.modules:
        yield
        return
    empty, adapters = ModuleType("requests"), ModuleType("requests.adapters")
    adapters.HTTPAdapter = object  # type: ignore[attr-defined]
    stubs: dict[str, Any] = {"requests": empty, "requests.adapters": adapters}
    sys.modules.update(stubs)
    try:
        yield
    finally:
        for name in stubs:
            sys.modules.pop(name, None)
