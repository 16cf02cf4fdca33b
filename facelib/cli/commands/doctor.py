"""``facelib doctor``: check everything the program depends on, and say how to fix it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from facelib.cli.check import FAIL, OK, WARN, Check
from facelib.cli.context import Context, pass_context
from facelib.cli.options import common_options
from facelib.cli.output import SCHEMA, visible
from facelib.errors import ExitCode

COLOURS = {OK: "green", WARN: "yellow", FAIL: "red"}


@click.command()
@common_options
@pass_context
def doctor(context: Context) -> ExitCode:
    """Check this installation and say how to fix it.

    Checks Python and its packages, the machine, the configuration, the gallery and its models; changes nothing. The exit
    code is 0 if nothing fails, else that of the first failure. With --quiet, only problems are shown.
    """
    code = ExitCode.DONE
    for check in _checks(context):
        if check.state == FAIL and code == ExitCode.DONE:
            code = check.code
        if not (context.quiet and check.state == OK):
            _show(context, check)
    return code


def _checks(context: Context) -> Iterator[Check]:
    from facelib.cli.gallery_checks import gallery_checks
    from facelib.cli.machine_checks import machine_checks

    yield from machine_checks()
    yield from gallery_checks(context)


def _show(context: Context, check: Check) -> None:
    output = context.output
    if context.json:
        output.record({"schema": SCHEMA, "check": check.subject, "state": check.state, "found": check.found, "advice": check.advice})
        return
    output.line(f"{output.paint_result(f'{check.state:<4}', COLOURS[check.state])}  {check.subject}: {visible(check.found)}")
    if check.advice:
        output.line(f"      {visible(check.advice)}")
