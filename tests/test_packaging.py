"""What is built from the project holds all it needs."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="needs hatchling, of the extra 'dev'")
ROOT = Path(__file__).resolve().parents[1]


def build(kind: str, folder: Path) -> Path:
    """Build without a network: hatchling itself, in this Python."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def in_project(folder: str, pattern: str = "*") -> set[str]:
    """Its files, without what tools leave behind."""
    files = (path.relative_to(ROOT) for path in (ROOT / folder).rglob(pattern) if path.is_file())
    return {path.as_posix() for path in files if not any(part.startswith((".", "__pycache__")) for part in path.parts)}


def test_wheel_carries_code_models_and_configs(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", tmp_path)) as wheel:
        names = set(wheel.namelist())
        metadata = wheel.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        entry_points = wheel.read(next(name for name in names if name.endswith("/entry_points.txt"))).decode()
    assert in_project("facelib", "*.py") <= names
    assert in_project("facelib") - names == set(), "files of the package that are not Python"
    assert {f"facelib/{name}" for name in in_project("models") | in_project("configs")} <= names
    assert not [name for name in names if name.startswith(("tests/", "scripts/"))]
    assert "facelib = facelib.cli.main:main" in entry_points
    assert "License-Expression: Apache-2.0" in metadata
    for extra in ("openvino", "raw", "training", "dev"):
        assert f"Provides-Extra: {extra}" in metadata


def test_sdist_carries_all_that_a_wheel_is_built_from(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md"} <= names
    for folder in ("facelib", "models", "configs", "tests", "scripts"):
        assert in_project(folder) <= names


def test_the_version_is_the_one_of_the_package(tmp_path: Path) -> None:
    from facelib import __version__

    assert f"-{__version__}-" in build("wheel", tmp_path).name


def test_every_bundled_file_is_described() -> None:
    described = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
    for name in in_project("models") - {"models/README.md"}:
        assert f"`{Path(name).name}`" in described
