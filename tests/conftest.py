"""What every test shares: where the development data lies, and no gallery but a temporary one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Before numpy and PyTorch are imported: tests run side by side, and threads beyond the cores only wait for one another.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development data and reference weights beside the project; tests that need it skip without it."""
    if not (SHARED / "data" / "README.md").exists():
        pytest.skip("needs the development data in ../shared")
    return SHARED


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test ever reads or writes the user's own gallery, configuration or models."""
    for variable in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{variable}_HOME", str(tmp_path / "xdg" / variable.lower()))
    for variable in ("FACELIB_GALLERY", "FACELIB_MODELS"):
        monkeypatch.delenv(variable, raising=False)
