"""Errors that users can act on, and the exit code of each."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line. Scripts rely on them, so they never change."""

    DONE = 0
    PARTIAL = 1
    USAGE = 2
    GALLERY = 3
    BUSY = 4
    WEIGHTS = 5
    BUG = 70
    INTERRUPTED = 130


class FacelibError(Exception):
    """A failure that the user can do something about.

    Parameters
    ----------
    message : str
        One sentence that says what is wrong.
    advice : str, optional
        What the user can do.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        self.advice = advice


class InputError(FacelibError):
    """A path, option, name or configuration file is not usable."""


class GalleryError(FacelibError):
    """The gallery cannot be read or written: it is not a gallery, is damaged or newer, or the disk is full."""

    exit_code = ExitCode.GALLERY


class GalleryBusyError(FacelibError):
    """Another process holds the writer lock of the gallery."""

    exit_code = ExitCode.BUSY


class WeightsError(FacelibError):
    """Model weights are missing, damaged, or need a runtime that is not installed."""

    exit_code = ExitCode.WEIGHTS


class PhotoError(Exception):
    """One photo cannot be processed. This becomes an entry of the ledger or of the output; it never ends a run.

    Attributes
    ----------
    kind : str
        ``"missing"`` (there is no such file), ``"permission"`` (it may not be read), ``"changed"`` (it was written to while it was
        read), ``"unreadable"`` (it is damaged, or no picture),
        ``"unsupported"`` (the format is known, but cannot be decoded), ``"too_large"`` (more pixels than the limit), ``"timeout"``
        (it took longer than the limit), ``"crashed"`` (the worker process died), ``"memory"`` (not enough memory) or ``"bug"``.
    detail : str
        One line for users.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = " ".join(str(detail).split())

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"
