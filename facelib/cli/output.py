"""Results on standard output, everything else on standard error, and nothing that could command a terminal."""

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

# Control characters, line separators, and the bidirectional overrides that show a text in another order than it
# has; joiners stay, for emoji and many scripts need them.
_COMMANDING = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
_UNSEEN = re.compile(f"[{_COMMANDING}{_SURROGATES}]")
_NOT_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069{_SURROGATES}]")


def visible(text: str, keep: str = "") -> str:
    r"""Text for people: whatever could move the cursor, recolour or reorder the screen is written as an escape.

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

    return _UNSEEN.sub(escape, text)


def json_line(record: Mapping[str, Any]) -> str:
    r"""One object as one line of JSON: letters of every script as they are, but surrogates and controls as ``\uNNNN``.

    So a path that is not UTF-8 is still valid JSON, and reads back in Python as the same path.
    """
    line = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return _NOT_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", line)


class OutputError(InputError):
    """Standard output takes no more; where its reader merely went away, that is a BrokenPipeError instead."""


@contextmanager
def telling_why() -> Iterator[None]:
    """Turn what the system says of standard output into an :class:`OutputError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write the output: {error.strerror}") from error


class Output:
    """Where a command writes: :meth:`line`, :meth:`record`, :meth:`table`, :meth:`paths` are results; the rest is talk."""

    def __init__(self, json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        self.json, self.quiet, self.verbose = json, quiet, verbose

    @property
    def terminal(self) -> bool:
        """Whether messages and progress are seen on a terminal."""
        return _is_terminal(sys.stderr)

    def line(self, text: str) -> None:
        """A line of results; it may hold several lines of its own. Make foreign text :func:`visible` before."""
        self._bytes(f"{text}\n".encode(sys.stdout.encoding or "utf-8", "backslashreplace"))

    def record(self, record: Mapping[str, Any]) -> None:
        """One object of results, as a line of JSON in UTF-8."""
        self._bytes(f"{json_line(record)}\n".encode())

    def paths(self, paths: Sequence[str], zero: bool) -> None:
        """Paths of results: byte for byte with a NUL after each, or one a line for people to read."""
        for path in paths:
            if zero:
                self._bytes(os.fsencode(path) + b"\0")
            else:
                self.line(visible(path))

    def table(self, columns: Sequence[Column | str], rows: Sequence[Sequence[object]]) -> None:
        """A table of results, cut to the terminal's width where there is a terminal."""
        width = _terminal_width() if _is_terminal(sys.stdout) else None
        cells = [[visible(str(cell)) for cell in row] for row in rows]
        for text in table(columns, cells, width):
            self.line(text)

    def say(self, text: str) -> None:
        """A message on standard error that also ``--quiet`` shows, for what the user is asked to agree to."""
        self._message(visible(text, keep="\n"))

    def note(self, text: str) -> None:
        """A message on standard error, unless ``--quiet``."""
        if not self.quiet:
            self._message(visible(text, keep="\n"))

    def detail(self, text: str) -> None:
        """A message for ``--verbose`` only."""
        if self.verbose:
            self._message(visible(text, keep="\n"))

    def warn(self, text: str) -> None:
        """Something the user should know, shown also with ``--quiet``; the command goes on."""
        self._message(f"{self.paint('warning:', 'yellow')} {visible(text)}")

    def error(self, code: int, message: str, advice: str | None) -> None:
        """Why the command ends: two lines for people, one object with ``--json``."""
        if self.json:
            kind = ERROR_KINDS.get(ExitCode(code), "usage")
            error = {"kind": kind, "exit_code": int(code), "message": message, "advice": advice}
            self._message(json_line({"schema": SCHEMA, "error": error}))
            return
        self._message(f"{self.paint('facelib:', 'red')} {visible(message)}")
        if advice:
            self._message(visible(advice))

    def paint(self, text: str, colour: str) -> str:
        """Text of a message in a colour, if standard error shows colours and the user wants them."""
        return click.style(text, fg=colour) if _has_colour(sys.stderr) else text

    def paint_result(self, text: str, colour: str) -> str:
        """Text of a result in a colour, if standard output shows colours and the user wants them."""
        return click.style(text, fg=colour) if _has_colour(sys.stdout) else text

    def _bytes(self, content: bytes) -> None:
        with telling_why():
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
