"""Import libraries without the parts of them that open sockets.

facenet-pytorch imports ``requests`` for downloads that this program never makes; that import binds a socket to
see whether the machine has IPv6. OpenVINO imports ``openvino_telemetry``, which reports each use over the network
unless the user has opted out. Neither happens here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


def silence_openvino() -> None:
    """Make OpenVINO's import of its telemetry fail; it then takes the stub that it carries for this case."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]


@contextmanager
def facenet_without_dependencies() -> Iterator[None]:
    """Inside, facenet-pytorch is imported for its nets alone: ``requests`` and ``torchvision`` are empty modules.

    Its nets need neither, and importing torchvision takes longer than all else at the start. What was imported before
    is left alone.
    """
    stubs = {name: ModuleType(name) for name in _STUBS if name.partition(".")[0] not in sys.modules}
    for name, module in stubs.items():
        for attribute in _STUBS[name]:
            setattr(module, attribute, object)
    sys.modules.update(stubs)
    try:
        yield
    finally:
        for name in stubs:
            sys.modules.pop(name, None)


_STUBS = {
    "requests": (),
    "requests.adapters": ("HTTPAdapter",),
    "torchvision": (),
    "torchvision.transforms": ("functional",),
    "torchvision.ops": (),
    "torchvision.ops.boxes": ("batched_nms",),
}
