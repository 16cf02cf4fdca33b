"""One thing that ``facelib doctor`` looked at."""

from __future__ import annotations

from dataclasses import dataclass

from facelib.errors import ExitCode, FacelibError

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Check:
    """What was looked at, how it stands (``ok``, ``warn``, ``fail``), and the command or step that mends it.

    ``code`` is the exit code a failure leads to.
    """

    subject: str
    state: str
    found: str
    advice: str | None = None
    code: ExitCode = ExitCode.DONE


def failed(subject: str, error: FacelibError) -> Check:
    """A check that ended in an error for people."""
    return Check(subject, FAIL, str(error), error.advice, error.exit_code)
