"""What every command gets: the paths of gallery and configuration, and the output."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from facelib.cli.output import Output

if TYPE_CHECKING:
    from facelib.cli.progress import ProgressLine
    from facelib.settings import Settings


@dataclass
class Context:
    """The options that every command takes, and what follows from them.

    Attributes
    ----------
    gallery_option, config_option : Path or None
        As given on the command line.
    quiet, verbose, json : bool
    """

    gallery_option: Path | None = None
    config_option: Path | None = None
    quiet: bool = False
    verbose: bool = False
    json: bool = False

    @property
    def gallery(self) -> Path:
        """The gallery's path: ``--gallery``, else ``$FACELIB_GALLERY``, else the default one. It need not exist."""
        from facelib.settings import default_gallery

        in_environment = os.environ.get("FACELIB_GALLERY", "")
        return self.gallery_option or (Path(in_environment) if in_environment else default_gallery())

    @cached_property
    def settings(self) -> Settings:
        """The user's configuration, read at the first access.

        Raises
        ------
        InputError
            If a file given with ``--config`` is missing, or the file has an error.
        """
        from facelib.settings import read_settings

        return read_settings(self.config_option)

    @property
    def output(self) -> Output:
        """The output, with the options known so far."""
        return Output(json=self.json, quiet=self.quiet, verbose=self.verbose)

    def progress(self, unit: str = "photos") -> ProgressLine:
        """A progress line, shown only on a terminal."""
        from facelib.cli.progress import ProgressLine

        return ProgressLine(unit=unit, shown=not self.quiet and not self.json and self.output.terminal)


pass_context: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(Context, ensure=True)
"""Gives a command the :class:`Context` as its first argument."""
