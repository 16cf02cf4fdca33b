"""What can go wrong for a reason the user can act on, and the exit code of each."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line; scripts rely on them, so none is ever changed."""

    DONE = 0
    PARTIAL = 1
    USAGE = 2
    GALLERY = 3
    BUSY = 4
    WEIGHTS = 5
    BUG = 70
    INTERRUPTED = 130


class FacelibError(Exception):
    """A failure with a cause the user can mend.

    The message is one sentence that says what is wrong; ``advice`` says what to do about it.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        self.advice = advice


class InputError(FacelibError):
    """A path, option, name or configuration file that cannot be used."""


class GalleryError(FacelibError):
    """The gallery cannot be read or written: not a gallery, damaged, newer, no room."""

    exit_code = ExitCode.GALLERY


class GalleryBusyError(FacelibError):
    """Another process holds the writer lock of the gallery."""

    exit_code = ExitCode.BUSY


class WeightsError(FacelibError):
    """Model weights are missing, damaged, or need a runtime that is not installed."""

    exit_code = ExitCode.WEIGHTS


class PhotoError(Exception):
    """One photo cannot be worked on. It becomes a row of the ledger, never the end of a run.

    ``kind`` is one of :data:`PHOTO_ERROR_KINDS`; ``detail`` is one line for people.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = " ".join(str(detail).split())

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


PHOTO_ERROR_KINDS = {
    "missing": "the file is gone",
    "permission": "the file may not be read",
    "changed": "the file was written to while it was read",
    "unreadable": "the file is damaged, or no picture at all",
    "unsupported": "the format is known, but this program cannot decode it",
    "too_large": "the picture has more pixels than the limit",
    "timeout": "the photo took longer than the limit",
    "crashed": "the worker process died on this photo",
    "memory": "the photo needs more memory than there is",
    "bug": "the program failed on this photo; please report it",
}
