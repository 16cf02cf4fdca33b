"""Progress moves on terminals and is silent elsewhere."""

from __future__ import annotations

import io

import pytest

from facelib.cli.context import Context
from facelib.cli.progress import ProgressEvent, ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def steps(line: ProgressLine) -> None:
    with line:
        line.show(ProgressEvent("scan", 0, 0))
        line.show(ProgressEvent("scan", 40, 0))
        line.show(ProgressEvent("observe", 1, 10, "a\x1b[2J.jpg"))
        line.show(ProgressEvent("observe", 10, 10))


def test_nothing_on_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    steps(Context().progress())
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("context", [Context(quiet=True), Context(json=True)])
def test_nothing_where_it_is_not_wanted(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    steps(context.progress())
    assert terminal.getvalue() == ""


def test_stages_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    steps(Context().progress())
    shown = terminal.getvalue()
    assert "scan" in shown
    assert "observe" in shown
    assert "\x1b[2J" not in shown
