"""Nothing that is shown can command a terminal, and nothing is lost in JSON."""

from __future__ import annotations

import io
import json
import os
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.cli.output import Output, json_line, visible

anything = st.text(alphabet=st.characters(exclude_categories=()))


def commands_terminal(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(character) in (
        *("LRE", "RLE", "LRO", "RLO", "PDF"),
        *("LRI", "RLI", "FSI", "PDI"),
    )


@given(anything)
def test_visible_text_commands_nothing(text: str) -> None:
    shown = visible(text)
    assert not any(commands_terminal(character) for character in shown)
    shown.encode()


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "M", "Zs"))))
def test_visible_text_keeps_what_can_be_read(text: str) -> None:
    assert visible(text) == text


def test_examples() -> None:
    assert visible("Ana\x1b[2J\r\n") == "Ana\\x1b[2J\\x0d\\x0a"
    assert visible("a\nb", keep="\n") == "a\nb"
    assert visible(os.fsdecode(b"caf\xe9.jpg")) == "caf\\xe9.jpg"
    assert visible("\u202egpj.exe") == "\\u202egpj.exe"
    assert visible("👨‍👩‍👧 Zoë 王") == "👨‍👩‍👧 Zoë 王"


@given(anything)
def test_json_reads_back_and_commands_nothing(text: str) -> None:
    # A pair of lone surrogates is one character to every JSON reader; it is no path, for those hold only lone low ones.
    text = re.sub("[\ud800-\udbff](?=[\udc00-\udfff])", "", text)
    line = json_line({"photo": text})
    line.encode()
    assert json.loads(line) == {"photo": text}
    assert not any(commands_terminal(character) for character in line)


def test_json_keeps_letters_and_refuses_what_json_has_not() -> None:
    assert json_line({"name": "Zoë 王"}) == '{"name": "Zoë 王"}'
    with pytest.raises(ValueError, match="JSON"):
        json_line({"score": float("nan")})


def test_results_and_messages_go_different_ways(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.line("result")
    output.record({"a": 1})
    output.note("message")
    output.warn("care")
    output.detail("only with --verbose")
    assert capsys.readouterr() == ('result\n{"a": 1}\n', "message\nwarning: care\n")


def test_quiet_keeps_results_and_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(quiet=True)
    output.line("result")
    output.note("message")
    output.warn("care")
    assert capsys.readouterr() == ("result\n", "warning: care\n")


def test_paths_byte_for_byte_or_visible(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    path = os.fsdecode(b"caf\xe9\n.jpg")
    Output().paths([path, "b"], zero=True)
    Output().paths([path], zero=False)
    assert capsysbinary.readouterr().out == b"caf\xe9\n.jpg\0b\0" + b"caf\\xe9\\x0a.jpg\n"


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_colour_only_on_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    output = Output()
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert output.paint("x", "red") == "x", "not on a pipe"
    monkeypatch.setattr("sys.stderr", Terminal(io.BytesIO()))
    assert output.paint("x", "red") == "\x1b[31mx\x1b[0m"
    assert output.paint_result("x", "red") == "x", "standard output is none"
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.paint("x", "red") == "x"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert output.paint("x", "red") == "x"


def test_an_ascii_terminal_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="ascii"))
    Output().line("Zoë")
    Output().record({"name": "Zoë"})
    assert written.getvalue() == b"Zo\\xeb\n" + '{"name": "Zoë"}\n'.encode()
