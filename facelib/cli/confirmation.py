"""Asking before something is done that the user may regret."""

from __future__ import annotations

import sys

import click

from facelib.cli.context import Context
from facelib.cli.output import visible
from facelib.errors import InputError


def require_confirmation(context: Context, question: str, yes: bool) -> None:
    """Go on only if the user gave ``--yes``, or answers yes on a terminal.

    Raises
    ------
    InputError
        If the user says no, or there is no terminal.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(f"nothing was done: there is no terminal to ask on ({visible(question)})", "add --yes to confirm in advance")
    if not click.confirm(visible(question), err=True):
        raise InputError("nothing was done: you did not confirm")
