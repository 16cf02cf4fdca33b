"""Asking before something is done that the user may regret."""

from __future__ import annotations

import sys

import click

from facelib.cli.context import Context
from facelib.cli.output import visible
from facelib.errors import InputError


def agree(context: Context, question: str, yes: bool) -> None:
    """Go on only if the user agrees: by ``--yes``, or when asked on a terminal.

    Raises
    ------
    InputError
        If the user does not agree, or cannot be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(f"nothing was done: there is no terminal to ask on ({visible(question)})", "add --yes to agree beforehand")
    if not click.confirm(visible(question), err=True):
        raise InputError("nothing was done: you did not agree")
