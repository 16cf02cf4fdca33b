"""The options that every command takes, before or after its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from facelib.cli.context import Context
from facelib.cli.error_handling import show_library_messages

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Store an option in the one :class:`Context`; an option after the command wins over one before it."""
    stored = context.ensure_object(Context)
    if value is None or value is False:
        return
    setattr(stored, str(parameter.name), value)
    if stored.verbose:
        show_library_messages()
    if stored.quiet and stored.verbose:
        raise click.UsageError("--quiet and --verbose exclude each other", context)


def device_option(default: str | None) -> Callable[[Any], Any]:
    """The option ``--device``, for commands that run models."""
    return click.option("--device", default=default, metavar="NAME", help="Where the models run: auto, cpu, cuda, cuda:1 or mps.")


def common_options(command: Decorated) -> Decorated:
    """Add ``--gallery``, ``--config``, ``--quiet``, ``--verbose``, ``--json`` and ``-h`` to a command or group.

    A command gets them from its :class:`Context`, not as arguments.
    """
    path = click.Path(path_type=Path)
    gallery = "Gallery file (default: $FACELIB_GALLERY, else facelib/gallery.sqlite in the XDG data folder)."
    shared: dict[str, Any] = {"expose_value": False, "callback": _remember}
    for option in (
        click.help_option("-h", "--help", help="Show this help."),
        click.option("--json", "json", is_flag=True, help="Print JSON, one object per line.", **shared),
        click.option("-v", "--verbose", "verbose", is_flag=True, help="Print more details, and warnings of libraries.", **shared),
        click.option("-q", "--quiet", "quiet", is_flag=True, help="Print only results and errors.", **shared),
        click.option("--config", "config_option", type=path, metavar="PATH", help="Configuration file (TOML).", **shared),
        click.option("--gallery", "gallery_option", type=path, metavar="PATH", help=gallery, **shared),
    ):
        command = option(command)
    return command
