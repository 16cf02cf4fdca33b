"""Every way to end has its sentence and its exit code."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from facelib.cli.context import Context, pass_context
from facelib.cli.error_handling import INTERRUPTED, run
from facelib.cli.options import common_options
from facelib.errors import ExitCode, FacelibError, GalleryBusyError, GalleryError, InputError, WeightsError
from facelib.settings import state_folder


def command_that(act: Callable[[], object]) -> click.Command:
    @click.command()
    @common_options
    @pass_context
    def command(context: Context) -> object:
        return act()

    return command


def raising(error: BaseException) -> click.Command:
    def act() -> None:
        raise error

    return command_that(act)


@pytest.mark.parametrize(
    ("kind", "code", "word"),
    [
        (InputError, 2, "usage"),
        (GalleryError, 3, "gallery"),
        (GalleryBusyError, 4, "busy"),
        (WeightsError, 5, "weights"),
    ],
)
def test_errors_for_people(kind: type[FacelibError], code: int, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = raising(kind("it is \x1b[31mred", "paint it over"))
    assert run(command, []) == code
    assert capsys.readouterr() == ("", "facelib: it is \\x1b[31mred\npaint it over\n")
    assert run(command, ["--json"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    error = {"kind": word, "exit_code": code, "message": "it is \x1b[31mred", "advice": "paint it over"}
    assert json.loads(err) == {"schema": 1, "error": error}
    assert not state_folder().exists()


@pytest.mark.parametrize("code", [None, ExitCode.DONE, ExitCode.PARTIAL, ExitCode.WEIGHTS])
def test_a_command_returns_its_exit_code(code: ExitCode | None) -> None:
    assert run(command_that(lambda: code), []) == (code or 0)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_interrupted(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(error), []) == 130
    assert capsys.readouterr().err == f"facelib: {INTERRUPTED}\n"


def test_a_usage_error_is_one_line(facelib) -> None:
    assert "Choose from: json, csv, xmp\nsee" in facelib("export").err


def test_usage_errors_point_to_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command_that(lambda: None), ["--nonsense"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--nonsense" in err
    assert "see 'facelib --help'" in err
    assert run(command_that(lambda: None), ["--nonsense", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["exit_code"] == 2


def test_a_bug_leaves_a_private_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(KeyError("of this test")), []) == 70
    (log,) = state_folder().iterdir()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(state_folder().stat().st_mode) == 0o700
    assert "KeyError: 'of this test'" in log.read_text(encoding="utf-8")
    err = capsys.readouterr().err
    assert str(log) in err
    assert "Traceback" not in err


def test_a_bug_without_a_place_for_the_log_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)
    assert run(raising(KeyError("of this test")), []) == 70
    assert "Traceback" in capsys.readouterr().err


def in_shell(script: str) -> subprocess.CompletedProcess[str]:
    program = f'"{sys.executable}" -m facelib'
    return subprocess.run(["bash", "-c", script.replace("facelib", program)], capture_output=True, text=True, check=False)


def test_a_reader_that_goes_away_is_no_error() -> None:
    ended = in_shell("facelib --help | true; facelib models list --json | head -n 1; echo ${PIPESTATUS[0]}")
    assert ended.stdout.endswith("\n0\n")
    assert ended.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told() -> None:
    ended = in_shell("facelib models list > /dev/full")
    assert ended.returncode == 2
    assert ended.stderr == "facelib: cannot write the output: No space left on device\n"
