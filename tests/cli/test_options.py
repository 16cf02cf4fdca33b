"""Common options: before the command or after it, the nearer one wins."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from facelib.cli.context import Context, pass_context
from facelib.cli.error_handling import run
from facelib.cli.options import common_options
from facelib.settings import default_gallery

seen: list[Context] = []


@click.group()
@common_options
def outer() -> None:
    """A group."""


@outer.command()
@common_options
@pass_context
def inner(context: Context) -> None:
    """A command that remembers what it was given."""
    seen.append(context)


def context_of(*arguments: str) -> Context:
    seen.clear()
    assert run(outer, arguments) == 0
    return seen[0]


@pytest.mark.parametrize("arguments", [("--json", "-q", "inner"), ("inner", "--json", "-q"), ("--json", "inner", "-q")])
def test_before_and_after_the_command(arguments: tuple[str, ...]) -> None:
    context = context_of(*arguments)
    assert context.json
    assert context.quiet
    assert not context.verbose


def test_gallery_option_wins_over_environment_over_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert context_of("inner").gallery == default_gallery()
    monkeypatch.setenv("FACELIB_GALLERY", "from-environment")
    assert context_of("inner").gallery == Path("from-environment")
    assert context_of("--gallery", "before", "inner").gallery == Path("before")
    assert context_of("inner", "--gallery", "after").gallery == Path("after")
    assert context_of("--gallery", "before", "inner", "--gallery", "after").gallery == Path("after")


def test_settings_are_read_from_the_named_file(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[index]\nworkers = 3\n", encoding="utf-8")
    context = context_of("--config", str(config), "inner")
    assert context.settings.index == {"workers": 3}
    assert context.settings is context.settings


@pytest.mark.parametrize("arguments", [("-q", "-v", "inner"), ("-q", "inner", "-v"), ("inner", "-v", "-q")])
def test_quiet_and_verbose_exclude_each_other(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(outer, arguments) == 2
    assert "exclude each other" in capsys.readouterr().err
