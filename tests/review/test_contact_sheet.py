"""The contact sheet: all in one file, and nothing in it but text and pictures whatever names contain."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from facelib.cli.main import cli
from facelib.errors import InputError
from facelib.review import contact_sheet
from facelib.store import people
from facelib.store.gallery import Gallery
from tests.review.conftest import Drawn

HOSTILE = "</h2><script>alert(1)</script><img src=//evil.example onerror=alert(1)> \"'&"


class Reader(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def named(drawn: Drawn) -> Drawn:
    with Gallery.write(drawn.path, "test") as gallery:
        people.name_cluster(gallery, 1, HOSTILE)
        people.name_cluster(gallery, 2, "Ana \u0639\u0644\u064a")
    return drawn


def sheet(drawn: Drawn, out: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(cli, ["--gallery", str(drawn.path), "sheet", str(out), "--json", *arguments])
    return done.exit_code, json.loads(done.stdout) if done.exit_code == 0 else {}


def test_a_sheet_is_one_private_file_that_loads_nothing(named: Drawn, tmp_path: Path) -> None:
    out = tmp_path / "people.html"
    code, told = sheet(named, out)
    assert (code, told["people"], told["bytes"]) == (0, 2, out.stat().st_size)
    assert out.stat().st_mode & 0o777 == 0o600
    text = out.read_text(encoding="utf-8")
    page = Reader(text)
    assert "script" not in page.tags
    assert HOSTILE in page.text
    sources = [value for key, value in page.attributes if key in ("src", "href", "srcset", "action", "data", "background") and value]
    assert sources and all(value.startswith(("data:image/jpeg;base64,", "#")) for value in sources)
    assert not [key for key, _ in page.attributes if key.startswith("on")]
    assert str(tmp_path) not in text and "photo &lt;i" not in text, "neither paths nor file names"
    assert "2005" in page.text and "8 faces" in page.text


def test_its_policy_lets_its_own_style_pass(chromium: Any, named: Drawn, tmp_path: Path) -> None:
    sheet(named, tmp_path / "people.html")
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto((tmp_path / "people.html").as_uri())
    assert page.evaluate("getComputedStyle(document.querySelector('section')).borderRadius") == "14px"
    assert page.evaluate("[...document.images].every((i) => i.naturalWidth > 0)")
    assert said == []
    page.close()


def test_some_people_all_people_and_nobody(named: Drawn, tmp_path: Path) -> None:
    assert sheet(named, tmp_path / "a.html", "ana \u0639\u0644\u064a")[1]["people"] == 1
    assert sheet(named, tmp_path / "b.html", "c3", "c1")[1]["people"] == 2
    assert sheet(named, tmp_path / "c.html", "--all")[1]["people"] == 8
    assert sheet(named, tmp_path / "d.html", "Nobody")[0] != 0
    assert not (tmp_path / "d.html").exists()


def test_faces_of_a_year_are_capped_and_the_rest_is_counted(drawn: Drawn, tmp_path: Path) -> None:
    with Gallery.read(drawn.path) as gallery:
        row = people.people_rows(gallery)[0]
        few = next(contact_sheet.sections(gallery, [row], 1))
    assert [len(year.pictures) for year in few.years] == [1] * len(few.years)
    assert sum(len(year.pictures) + year.more for year in few.years) == 8
    assert [year.label for year in few.years] == sorted(year.label for year in few.years)


def test_photos_that_went_leave_a_gap(drawn: Drawn) -> None:
    for photo in drawn.path.parent.glob("*.jpg"):
        photo.unlink()
    with Gallery.read(drawn.path) as gallery:
        section = next(contact_sheet.sections(gallery, people.people_rows(gallery)[:1]))
    assert all(picture is None for year in section.years for picture in year.pictures)
    assert "is missing" in contact_sheet.render([section])


def test_no_other_file_is_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "thesis.html"
    out.write_text("<html>years of work</html>")
    with pytest.raises(InputError, match="not a contact sheet"):
        contact_sheet.write(out, contact_sheet.render([]))
    assert out.read_text() == "<html>years of work</html>"
    out.unlink()
    contact_sheet.write(out, contact_sheet.render([]))
    assert re.search("Nobody has a name yet", out.read_text())
    contact_sheet.write(out, contact_sheet.render([]))
    with pytest.raises(InputError, match="is a folder"):
        contact_sheet.write(tmp_path, "")
    with pytest.raises(InputError, match="cannot write"):
        contact_sheet.write(tmp_path / "no" / "such" / "place.html", "")
