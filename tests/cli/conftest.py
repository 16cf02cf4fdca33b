"""Run the command line in the test's own process, as ``main`` does but with an exit code instead of an exit; a small gallery."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from facelib.cli import error_handling
from facelib.cli.main import cli
from tests.cli import three_people


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
        code = error_handling.run(cli, [str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the photos of :data:`tests.cli.three_people.SEEN`."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in three_people.SEEN:
        (folder / f"{name}.jpg").write_text(name)
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """A gallery of three people; :func:`path` copies it."""
    path = tmp_path_factory.mktemp("template") / "gallery.sqlite"
    three_people.write_gallery(path, pictures)
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A gallery of three people, for one test."""
    return Path(shutil.copy(template, tmp_path / "gallery.sqlite"))


@pytest.fixture
def run(path: Path, facelib: Callable[..., Ended]) -> Callable[..., Ended]:
    """``run("people", "--json")`` runs that command line on the gallery of three people."""
    return lambda *arguments: facelib("--gallery", path, *arguments)
