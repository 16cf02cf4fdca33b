"""Arrays that are slow to make, stored in .npz files and read again as long as the weights they were made with are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

Arrays = dict[str, np.ndarray]


def read_arrays(path: Path | None, digest: str) -> Arrays | None:
    """The stored arrays; None without a file, or if it was made with other weights."""
    if path is None or not path.exists():
        return None
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files} if str(stored.get("digest")) == digest else None


def write_arrays(path: Path | None, digest: str, arrays: Arrays) -> None:
    """Store arrays made with the weights of this digest; without a path, nothing is written."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, digest=digest, **arrays)  # type: ignore[arg-type]
