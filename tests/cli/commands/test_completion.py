"""Completion of shells."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell: str, facelib) -> None:
    ended = facelib("completion", shell)
    assert ended.code == 0
    assert "_FACELIB_COMPLETE" in ended.out


def test_unknown_shell(facelib) -> None:
    assert facelib("completion", "tcsh").code == 2


def test_commands_are_completed(facelib, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_FACELIB_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "facelib do")
    monkeypatch.setenv("COMP_CWORD", "1")
    ended = facelib()
    assert ended.code == 0
    assert "doctor" in ended.out
    assert "index" not in ended.out
