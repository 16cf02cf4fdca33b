"""Results go to standard output, messages to standard error, and nothing printed can control the terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import click

from facelib.cli.table import Column, table
from facelib.errors import ExitCode, InputError

SCHEMA = 1
ERROR_KINDS = {
    ExitCode.USAGE: "usage",
    ExitCode.GALLERY: "gallery",
    ExitCode.BUSY: "busy",
    ExitCode.WEIGHTS: "weights",
    ExitCode.BUG: "bug",
    ExitCode.INTERRUPTED: "interrupted",
}

# Control characters, line separators, and the bidirectional overrides that change the order in which text is shown. Joiners
# stay, because emoji and many scripts need them.
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
_UNSAFE = re.compile(f"[{_CONTROLS}{_SURROGATES}]")
_NOT_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069{_SURROGATES}]")


def visible(text: str, keep: str = "") -> str:
    r"""Make foreign text safe to print: characters that could move the cursor, or change colour or order, are escaped.

    Bytes of a path that are not UTF-8 (``surrogateescape``) become ``\xNN``. Characters in ``keep`` stay.
    """

    def escape(match: re.Match[str]) -> str:
        character = match.group()
        if character in keep:
            return character
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            code -= 0xDC00
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

    return _UNSAFE.sub(escape, text)


def json_line(record: Mapping[str, Any]) -> str:
    r"""One object as one line of JSON: letters of every script stay, surrogates and control characters become ``\uNNNN``.

    So a path that is not UTF-8 gives valid JSON, which Python reads back as the same path.
    """
    line = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return _NOT_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", line)


class OutputError(InputError):
    """Standard output cannot be written, for example because the disk is full. A closed pipe is a BrokenPipeError instead."""


@contextmanager
def output_errors() -> Iterator[None]:
    """Turn errors of standard output into an :class:`OutputError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write the output: {error.strerror}") from error


class Output:
    """What a command prints: :meth:`line`, :meth:`record`, :meth:`table` and :meth:`paths` print results, the others messages."""

    def __init__(self, json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        self.json, self.quiet, self.verbose = json, quiet, verbose

    @property
    def terminal(self) -> bool:
        """Whether standard error is a terminal."""
        return _is_terminal(sys.stderr)

    def line(self, text: str) -> None:
        """Print a line of results, or several. Pass foreign text through :func:`visible` first."""
        self._bytes(f"{text}\n".encode(sys.stdout.encoding or "utf-8", "backslashreplace"))

    def record(self, record: Mapping[str, Any]) -> None:
        """Print one object of results, as a line of JSON in UTF-8."""
        self._bytes(f"{json_line(record)}\n".encode())

    def paths(self, paths: Sequence[str], zero: bool) -> None:
        """Print paths: byte for byte with a NUL after each, or readable, one per line."""
        for path in paths:
            if zero:
                self._bytes(os.fsencode(path) + b"\0")
            else:
                self.line(visible(path))

    def table(self, columns: Sequence[Column | str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table of results, cut to the width of the terminal if there is one."""
        width = _terminal_width() if _is_terminal(sys.stdout) else None
        cells = [[visible(str(cell)) for cell in row] for row in rows]
        for text in table(columns, cells, width):
            self.line(text)

    def say(self, text: str) -> None:
        """Print a message even with ``--quiet``, for what the user is asked to confirm."""
        self._message(visible(text, keep="\n"))

    def note(self, text: str) -> None:
        """Print a message, unless ``--quiet``."""
        if not self.quiet:
            self._message(visible(text, keep="\n"))

    def detail(self, text: str) -> None:
        """Print a message only with ``--verbose``."""
        if self.verbose:
            self._message(visible(text, keep="\n"))

    def warn(self, text: str) -> None:
        """Print a warning, even with ``--quiet``; the command continues."""
        self._message(f"{self.paint('warning:', 'yellow')} {visible(text)}")

    def error(self, code: int, message: str, advice: str | None) -> None:
        """Print why the command ends: two lines of text, or one object with ``--json``."""
        if self.json:
            kind = ERROR_KINDS.get(ExitCode(code), "usage")
            error = {"kind": kind, "exit_code": int(code), "message": message, "advice": advice}
            self._message(json_line({"schema": SCHEMA, "error": error}))
            return
        self._message(f"{self.paint('facelib:', 'red')} {visible(message)}")
        if advice:
            self._message(visible(advice))

    def paint(self, text: str, colour: str) -> str:
        """Colour the text of a message, if standard error supports colours and the user wants them."""
        return click.style(text, fg=colour) if _has_colour(sys.stderr) else text

    def paint_result(self, text: str, colour: str) -> str:
        """Colour the text of a result, if standard output supports colours and the user wants them."""
        return click.style(text, fg=colour) if _has_colour(sys.stdout) else text

    def _bytes(self, content: bytes) -> None:
        with output_errors():
            sys.stdout.buffer.write(content)
            if _is_terminal(sys.stdout):
                sys.stdout.flush()

    def _message(self, text: str) -> None:
        stream = sys.stderr
        encoding = stream.encoding or "utf-8"
        stream.write(f"{text}\n".encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


def _is_terminal(stream: IO[str]) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _has_colour(stream: IO[str]) -> bool:
    return _is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
