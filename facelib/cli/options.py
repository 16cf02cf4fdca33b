"""The options that every command takes, before its name and after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from facelib.cli.boundary import hear_libraries
from facelib.cli.context import Context

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a given option in the one :class:`Context`, so that the place nearer to the command wins."""
    kept = context.ensure_object(Context)
    if value is None or value is False:
        return
    setattr(kept, str(parameter.name), value)
    if kept.verbose:
        hear_libraries()
    if kept.quiet and kept.verbose:
        raise click.UsageError("--quiet and --verbose exclude each other", context)


def common_options(command: Decorated) -> Decorated:
    """Add ``--gallery``, ``--config``, ``--quiet``, ``--verbose``, ``--json`` and ``-h`` to a command or group.

    The command itself gets them from its :class:`Context`, not as arguments.
    """
    path = click.Path(path_type=Path)
    gallery = "Gallery file (default: $FACELIB_GALLERY, else facelib/gallery.sqlite in the XDG data folder)."
    kept: dict[str, Any] = {"expose_value": False, "callback": _remember}
    for option in (
        click.help_option("-h", "--help", help="Show this text."),
        click.option("--json", "json", is_flag=True, help="Write JSON, one object per line.", **kept),
        click.option("-v", "--verbose", "verbose", is_flag=True, help="Say more, warnings of libraries included.", **kept),
        click.option("-q", "--quiet", "quiet", is_flag=True, help="Say nothing but results and errors.", **kept),
        click.option("--config", "config_option", type=path, metavar="PATH", help="Configuration file (TOML).", **kept),
        click.option("--gallery", "gallery_option", type=path, metavar="PATH", help=gallery, **kept),
    ):
        command = option(command)
    return command
