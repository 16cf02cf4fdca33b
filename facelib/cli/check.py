"""One check of ``facelib doctor``."""

from __future__ import annotations

from dataclasses import dataclass

from facelib.errors import ExitCode, FacelibError

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Check:
    """What was checked, its state (``ok``, ``warn``, ``fail``), what was found, and the command or step that fixes it.

    ``code`` is the exit code of a failure.
    """

    subject: str
    state: str
    found: str
    advice: str | None = None
    code: ExitCode = ExitCode.DONE


def failed(subject: str, error: FacelibError) -> Check:
    """The check that failed with this error."""
    return Check(subject, FAIL, str(error), error.advice, error.exit_code)
