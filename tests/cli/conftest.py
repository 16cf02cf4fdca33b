"""Run the command line inside the test's own process, as ``main`` does, but with an exit code instead of an exit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from facelib.cli.error_handling import run
from facelib.cli.main import cli


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def facelib(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """``facelib("people", "--json")`` runs that command line."""

    def call(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = run(cli, [str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return call
