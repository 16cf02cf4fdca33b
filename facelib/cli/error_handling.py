"""The one place that catches errors: each becomes a sentence, an advice and an exit code."""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

import click

from facelib.cli.context import Context
from facelib.cli.output import OutputError, output_errors, visible
from facelib.errors import ExitCode, FacelibError

COMPLETION_VARIABLE = "_FACELIB_COMPLETE"
INTERRUPTED = "interrupted; run the same command again to continue"


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command line and report its errors.

    Parameters
    ----------
    command : click.Command
        Returns None or its :class:`ExitCode`.
    arguments : sequence of str
        Without the program's name.

    Returns
    -------
    int
        The exit code; 0 if the reader closes standard output early (``| head``).
    """
    context = Context()
    try:
        if os.environ.get(COMPLETION_VARIABLE):
            return _complete(command)
        with command.make_context("facelib", list(arguments), obj=context) as click_context:
            code = command.invoke(click_context)
        with output_errors():
            sys.stdout.flush()
        return int(code) if isinstance(code, int) else ExitCode.DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except BrokenPipeError:
        _drop_standard_output()
        return ExitCode.DONE
    except (KeyboardInterrupt, click.Abort):
        return _report(context, arguments, ExitCode.INTERRUPTED, INTERRUPTED, None)
    except click.exceptions.NoArgsIsHelpError as help_asked:
        click.echo(help_asked.format_message(), err=True)
        return ExitCode.USAGE
    except click.ClickException as error:
        return _report(context, arguments, ExitCode.USAGE, _one_line(error), _help_advice(error))
    except OutputError as error:
        _drop_standard_output()
        return _report(context, arguments, error.exit_code, str(error), error.advice)
    except FacelibError as error:
        return _report(context, arguments, error.exit_code, str(error), error.advice)
    except Exception as error:
        return _report(context, arguments, ExitCode.BUG, *_write_log(error))


def silence_libraries() -> None:
    """Hide warnings and log lines of libraries; ``--verbose`` shows them again (:func:`show_library_messages`)."""
    logging.captureWarnings(True)
    logging.getLogger().addHandler(logging.NullHandler())


def show_library_messages() -> None:
    """Show warnings and log lines of libraries on standard error."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, logging.NullHandler)]:
        root.removeHandler(handler)
    logging.captureWarnings(False)
    warnings.simplefilter("default")
    logging.basicConfig()


def _complete(command: click.Command) -> int:
    from click.shell_completion import shell_complete

    return shell_complete(command, {}, "facelib", COMPLETION_VARIABLE, os.environ[COMPLETION_VARIABLE])


def _drop_standard_output() -> None:
    """Prevent the interpreter from flushing into a closed pipe or a full disk once more when it exits."""
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


def _one_line(error: click.ClickException) -> str:
    """The message in one line: click lists the possible values of a missing argument one below the other."""
    return error.format_message().replace("\n\t", " ")


def _help_advice(error: click.ClickException) -> str | None:
    """A usage error points to the help of its command."""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"see '{error.ctx.command_path} --help'"
    return None


def _report(context: Context, arguments: Sequence[str], code: int, message: str, advice: str | None) -> int:
    """Write an error to standard error: as text, or with ``--json`` as one JSON object."""
    context.json = context.json or "--json" in arguments  # a usage error ends before the options are stored
    try:
        context.output.error(code, message, advice)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EBADF, errno.ENOSPC, errno.EIO):
            raise
    return int(code)


def _write_log(error: Exception) -> tuple[str, str]:
    """Write the traceback to a file that only the user can read; returns the message and the advice to show."""
    from facelib.settings import state_folder

    what = " ".join(f"{type(error).__name__}: {error}".split())
    text = "".join(traceback.format_exception(error))
    path = state_folder() / f"bug-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    try:
        _write_private(path, f"facelib {_version()}, Python {sys.version}\n{text}")
    except OSError:
        sys.stderr.write(visible(text, keep="\n"))
        return f"this is a bug: {what}", "please report it with the lines above"
    return f"this is a bug: {what}", f"please report it with {path}, which may contain paths and names of yours"


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)


def _version() -> str:
    from facelib import __version__

    return __version__
