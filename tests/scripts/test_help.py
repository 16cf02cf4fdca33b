"""Every script explains itself with --help, and does so at once: what is slow to import is imported after the options are read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [path for path in sorted((ROOT / "scripts").glob("*.py")) if "__main__" in path.read_text(encoding="utf-8")]
IMPORTS_TORCH_FIRST = {"export_onnx.py", "make_centres.py", "make_dlib_centre.py"}
"""These take seconds; every other script answers before PyTorch is imported."""


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.name in IMPORTS_TORCH_FIRST)) for path in SCRIPTS]
)
def test_help_is_shown(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run([sys.executable, str(path), "--help"], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert f"usage: {path.name}" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "torch" not in imported or path.name in IMPORTS_TORCH_FIRST


def test_help_says_how_to_call_the_script() -> None:
    """The first lines of a script, which --help shows, hold a line to copy."""
    assert not [path.name for path in SCRIPTS if f"python scripts/{path.name}" not in path.read_text(encoding="utf-8")]


@pytest.mark.slow
def test_what_scripts_share_can_be_imported() -> None:
    """--help does not reach what is imported later."""
    modules = [path.relative_to(ROOT / "scripts").with_suffix("") for path in sorted((ROOT / "scripts").glob("*/*.py"))]
    program = "\n".join(f"import {'.'.join(module.parts)}" for module in modules)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
