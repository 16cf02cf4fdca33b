"""README.md is true: each of its commands runs, its links lead somewhere, and its lists of codes, options and models are whole."""

from __future__ import annotations

import io
import os
import re
import runpy
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from PIL import Image

from facelib.cli.error_handling import run
from facelib.cli.main import cli
from facelib.errors import ExitCode
from facelib.exchange.formats import FORMATS
from facelib.look import Look, look
from facelib.model_zoo import registry
from facelib.records import Picture, Sighting
from facelib.settings import INDEX_KEYS
from facelib.stages import worker_pool
from facelib.stages.worker import Job
from facelib.vision.observer import Observer
from tests import fakes

ROOT = Path(__file__).resolve().parents[1]
PAGES = [path.relative_to(ROOT).as_posix() for path in (ROOT / "README.md", *ROOT.glob("*/README.md"), *ROOT.glob("*/*/README.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "facelib" / "cli" / "README.md").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "write_help.py"))
COMMANDS = dict(SCRIPT["commands"](cli, "facelib"))
SOURCES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "scripts").rglob("*.py"))
SETUP_COMMANDS = ("pip install . && facelib index ~/Photos", "pip install -e '.[dev]' && python -m pytest")

DECIMALS = {"README.md": ["3.11"]}
"""The decimals in the prose of each page: the version of Python. What is measured stands in a table that names its command."""

SUBSTITUTES = {
    "facelib review": "facelib review --help",  # opens a browser, and serves until it is interrupted
    "facelib review --port 8123 --no-browser": "facelib review --help",  # serves until it is interrupted
    "facelib models fetch": "facelib models fetch --help",  # uses the network
    # needs a file, which the text does not name
    **{f"facelib import {name}": "facelib import --help" for name, module in FORMATS.items() if module.default_paths is None},
    "facelib reject": "facelib reject --help",  # the name of a command, no call of it
    "facelib index": "facelib index --help",  # the same
    "facelib models fetch recommended": "facelib models fetch --help",  # uses the network
    "facelib models use yunet": "facelib models use --help",  # needs fetched weights, as do the next three
    "facelib models use face-reid-0095": "facelib models use --help",
    "facelib models use yolox-nano": "facelib models use --help",
    "facelib models use body-reid-0286": "facelib models use --help",
}
"""The lines that no test can run, and what is run instead."""

FORM = re.compile(r"\b[A-Z]{2,}\b|\.\.\.|\[")
"""What marks a command in running text as a form to fill in: NAME, PHOTO, [N]."""


STEP = 6
"""Shades of red between two pictures, more than JPEG changes."""


def shell_lines(text: str) -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


def calls(line: str) -> list[str]:
    """The calls of facelib in a line of shell, each without what it is piped or redirected to."""
    return [match.strip() for match in re.findall(r"(?:^|[|&;] *|\$\()(facelib [^#|;&>)]*)", line)]


def inline_calls(text: str) -> list[str]:
    """The calls in running text and tables."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [code for code in re.findall(r"`([^`]+)`", text) if code.startswith("facelib ")]


CRONTAB = re.findall(r"^(?:[\d*]+ ){5}\S*?(facelib .*)$", README, re.MULTILINE)
SHOWN = list(dict.fromkeys([*CRONTAB, *(call for line in shell_lines(README) for call in calls(line))]))
WHOLE = list(dict.fromkeys(call for call in inline_calls(README) if not FORM.search(call)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home folder with photos, and a gallery of them in which Ana and Ben have names."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        _pretend(patch, folder)
        patch.setenv("FACELIB_GALLERY", str(folder / "gallery.sqlite"))
        album: list[tuple[int, ...]] = [(0, 1), (0, 2), (0,), *((person,) for person in range(1, 9) for _ in range(3))]
        for number, people in enumerate(album):
            _photo(folder, f"Photos/2024/{number}.jpg", people)
        _photo(folder, "Photos/party.jpg", (0, 3))
        assert run(cli, ["index", str(folder / "Photos")]) == 0
        assert run(cli, ["name", "c1", "Ana"]) == 0
        assert run(cli, ["name", "c2", "Ben"]) == 0
        assert run(cli, ["name", "c7", "Ana"]) == 0
        shutil.copy(folder / "Photos" / "party.jpg", folder / "party.jpg")
        for name, people in {"holiday.jpg": (1, 0), "ana-1.jpg": (0,), "ana-2.jpg": (0,), "door.jpg": (0,)}.items():
            _photo(folder, name, people)
    yield folder


def _photo(home: Path, name: str, people: tuple[int, ...]) -> None:
    """A picture of one shade of red, and what is "seen" in pictures of that shade."""
    (home / ".seen").mkdir(exist_ok=True)
    number = len(list((home / ".seen").iterdir()))
    fakes.write_photo(home / ".seen" / f"{number}.json", people, number)
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (1000, 800), (STEP * number, 90, 90)).save(home / name, quality=95)


def _pretend(patch: pytest.MonkeyPatch, home: Path) -> None:
    """See in each picture what was written for its shade, in the workers of ``index`` and everywhere else."""

    def seen(picture: Picture) -> list[Sighting]:
        return list(fakes.look_at(home / ".seen" / f"{round(float(picture.pixels[..., 0].mean()) / STEP)}.json").sightings)

    def work_on(job: Job) -> Look:
        return look(Path(job.path), Observer(fakes.SETUP.models, fakes.THRESHOLDS), fakes.THRESHOLDS)

    patch.setattr(worker_pool, "work", fakes.work_here(work_on))
    patch.setattr(Observer, "detect", lambda self, picture: [Sighting(one.face, one.body) for one in seen(picture)])
    patch.setattr(Observer, "embed", lambda self, picture, sightings: seen(picture))
    patch.setenv("HOME", str(home))


@pytest.fixture
def call(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Run a line as a shell in the home folder would, on a copy of its gallery."""
    _pretend(monkeypatch, home)
    monkeypatch.chdir(home)
    monkeypatch.setenv("FACELIB_GALLERY", str(shutil.copy(home / "gallery.sqlite", tmp_path / "gallery.sqlite")))
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def execute(line: str) -> int:
        return run(cli, [os.path.expanduser(word) for word in shlex.split(SUBSTITUTES.get(line, line))[1:]])

    return execute


@pytest.mark.parametrize("line", list(dict.fromkeys([*SHOWN, *WHOLE])))
def test_each_command_runs(line: str, call: Callable[[str], int], home: Path) -> None:
    assert call(line) == 0
    shutil.rmtree(home / "together", ignore_errors=True)


def test_every_substitute_is_needed() -> None:
    assert CRONTAB
    assert set(SUBSTITUTES) <= {*SHOWN, *WHOLE}


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert SCRIPT["text"]() == REFERENCE, "run: python scripts/write_help.py"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_occurs(path: str) -> None:
    assert path in REFERENCE
    if len(path.split()) == 2:
        assert re.search(rf"\b{path}\b", README), f"README.md does not name {path}"
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option):
            assert all(option in REFERENCE for option in parameter.opts)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_listed(name: str) -> None:
    assert f"`facelib import {name}`" in README
    assert re.search(rf"\b{name}\b", COMMANDS["facelib import"].help or "")


@pytest.mark.parametrize("page", PAGES)
def test_commands_shown_exist(page: str) -> None:
    """Each ``facelib ...`` names a command, and options which that command takes."""
    text = (ROOT / page).read_text(encoding="utf-8")
    shown = [found for line in shell_lines(text) for found in calls(line)] + inline_calls(text)
    for one in shown:
        words = one.split()[1:]
        names = [word for word in words if re.fullmatch("[a-z]+", word)]
        path = max((path for path in COMMANDS if path.split()[1:] == names[: len(path.split()) - 1]), key=len)
        assert path != "facelib" or set(words) <= {"--help", "--version", "COMMAND"}, one
        known = {option for part in (COMMANDS[path], cli) for parameter in part.params for option in parameter.opts} | {"--help"}
        assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known, one


@pytest.mark.parametrize("page", PAGES)
def test_numbers_that_were_measured_stand_in_tables(page: str) -> None:
    """No decimal outside code, tables, and what a script wrote between two marks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    prose = re.sub(r"<!-- made by: .*?<!-- end -->|```.*?```", "", text, flags=re.DOTALL)
    prose = re.sub(r"`[^`]*`|^\|.*$|\]\([^)]*\)", "", prose, flags=re.MULTILINE)
    assert re.findall(r"(?<![\w.-])\d+\.\d+(?![\w.]*\d)", prose) == DECIMALS.get(page, [])


@pytest.mark.parametrize("page", PAGES)
def test_every_table_of_figures_names_the_command_that_makes_it(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.count("<!-- made by: ") == text.count("<!-- end -->")
    made_by = [shlex.split(command) for command in re.findall(r"<!-- made by: (.*?) -->", text)]
    assert all((ROOT / script).exists() for _, script, *_ in made_by)
    assert not [words for words in made_by if any(word.startswith("--") and f'"{word}"' not in SOURCES for word in words)]
    outside = re.sub(r"<!-- made by: .*?<!-- end -->|```.*?```", "", text, flags=re.DOTALL)
    rows = [line for line in outside.splitlines() if line.startswith("|") and re.search(r"\d\.\d", re.sub(r"`[^`]*`|-\d\.\d", "", line))]
    assert not rows


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_title(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, title = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if title:
            assert title in _anchors(file.read_text(encoding="utf-8")), target


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_note_that_the_code_cites_is_there() -> None:
    titles = _anchors((ROOT / "facelib" / "README.md").read_text(encoding="utf-8"))
    for path in (ROOT / "facelib").rglob("*.py"):
        for cited in re.findall(r"\[(Note: [^\]]+)\]", re.sub(r"\s*\n\s*(# )?", " ", path.read_text(encoding="utf-8"))):
            assert re.sub(r"[^\w\- ]", "", cited.lower()).replace(" ", "-") in titles, f"{path}: {cited}"


def test_every_script_is_listed() -> None:
    listed = (ROOT / "scripts" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "scripts").iterdir():
        if path.is_dir() and any(path.glob("*.py")):
            assert f"`{path.name}/`" in listed
        if path.suffix == ".py" and "__main__" in path.read_text(encoding="utf-8"):
            assert f"| `{path.name}` |" in listed


def test_every_folder_is_on_the_map() -> None:
    listed = (ROOT / "facelib" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "facelib").iterdir():
        if path.is_dir() and any(path.glob("*.py")):
            assert f"| `{path.name}/` |" in listed


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 260


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_listed(code: ExitCode) -> None:
    assert re.search(rf"^\| {int(code)} \|", README, re.MULTILINE)


@pytest.mark.parametrize("card", registry.CARDS.values(), ids=lambda card: card.name)
def test_every_model_and_its_licence_is_listed(card: registry.ModelCard) -> None:
    (row,) = re.findall(rf"^\| \[`{re.escape(card.name)}`\]\(#{re.escape(card.name)}\) \|.*$", MODELS, re.MULTILINE)
    assert card.task in row
    assert card.licence_weights in row


def test_every_key_of_the_index_table_is_listed() -> None:
    for key in INDEX_KEYS:
        assert f"`{key}`" in README


def test_the_two_commands_and_the_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for command in SETUP_COMMANDS:
        assert command in shell_lines(README)
    for extra in project["optional-dependencies"]:
        assert f"`{extra}`" in README
    assert project["license"] in README


def test_the_gate_runs_the_very_command_of_the_readme() -> None:
    assert SETUP_COMMANDS[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
