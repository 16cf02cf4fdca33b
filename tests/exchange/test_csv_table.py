"""Tables: everything comes back, and nothing runs in a spreadsheet."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.errors import InputError
from facelib.exchange import csv_table
from facelib.exchange.csv_table import TableRow, escape_cell, read_rows, unescape_cell, write_rows
from facelib.exchange.photo_record import PhotoRecord
from facelib.exchange.regions import clean_name
from tests.foreign import NAMES, boxes

ROWS = st.builds(
    TableRow,
    photo=st.text(st.characters(blacklist_categories=("Cs",)), min_size=1).map(lambda path: f"/{path}"),
    sha256=st.sampled_from(["", "0" * 64, "a1" * 32]),
    name=NAMES.map(lambda name: clean_name(name) or ""),
    part=st.sampled_from(["face", "body"]),
    box=boxes().map(lambda box: tuple(map(float, box))),
    standing=st.sampled_from(["certain", "likely", "not"]),
    source=st.sampled_from(["", "auto", "user"]),
)


def written(rows: list[TableRow]) -> bytes:
    file = io.StringIO(newline="")
    assert write_rows(rows, file) == len(rows)
    return file.getvalue().encode("utf-8", "surrogateescape")


@given(st.lists(ROWS, max_size=5))
def test_rows_come_back(rows: list[TableRow]) -> None:
    assert list(read_rows(written(rows))) == rows


def test_paths_that_are_no_text_come_back() -> None:
    row = TableRow("/a\udcff.jpg", "", "Ana", "face", (1.0, 2.0, 3.0, 4.0))
    assert list(read_rows(written([row]))) == [row]
    assert list(read_rows(written([TableRow("/a.jpg", "", "Ana", "", None)]))) == [TableRow("/a.jpg", "", "Ana", "", None)]


@given(st.text())
def test_cells_come_back(text: str) -> None:
    assert unescape_cell(escape_cell(text)) == text


@given(st.sampled_from("=+-@\t\r\n＝＋－＠"), st.text())
def test_no_cell_runs(first: str, rest: str) -> None:
    assert escape_cell(first + rest).startswith("'")


def test_formulas_are_quoted_in_the_file() -> None:
    content = written([TableRow("/a.jpg", "", "=HYPERLINK(1)", "face", (1.0, 2.0, 3.0, 4.0))])
    assert b",'=HYPERLINK(1)," in content


def test_spreadsheets_save_it_their_way() -> None:
    content = b'\xef\xbb\xbfName;Photo;x0;y0;x1;y1\r\n"Ana";/a.jpg;1;2;3;4\r\n;;;;;\r\n'
    assert list(read_rows(content)) == [TableRow("/a.jpg", "", "Ana", "face", (1.0, 2.0, 3.0, 4.0), "", "")]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"a,b\n1,2\n", b"photo,name,x0,y0,x1,y1\na,Ana,1,2,x,4\n", b"photo,name,x0,y0,x1,y1\na,Ana,1,2,1,4\n",
        b"photo,name,x0,y0,x1,y1\na,Ana,1,2,nan,4\n", b"sha256,name\n12,Ana\n", b"photo,name,part\na,Ana,foot\n", b'photo,name\n"a\n',
    ],
)  # fmt: skip
def test_what_is_no_table(content: bytes) -> None:
    with pytest.raises(InputError):
        list(read_rows(content))


@given(st.binary(max_size=200))
def test_rubbish_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(InputError):
        list(read_rows(b"photo,name,x0,y0,x1,y1,sha256,part\n" + content))


def test_csv_rows_of_one_photo_are_one_record(tmp_path: Path) -> None:
    rows = [
        "/a.jpg,Ana,1,2,3,4,certain",
        "/a.jpg,Ben,,,,,",
        "/b.jpg,Cem,1,2,3,4,not",
        "/b.jpg,Dora,1,2,3,4,likely",
        "/b.jpg,,1,2,3,4,unknown",
    ]
    (tmp_path / "a.csv").write_text("\n".join(["photo,name,x0,y0,x1,y1,standing", *rows]))
    a, b = csv_table.read([tmp_path / "a.csv"])
    assert isinstance(a, PhotoRecord) and isinstance(b, PhotoRecord)
    assert [region.name for region in a.regions] == ["Ana"] and a.people.names == ("Ben",)
    assert [(region.name, region.rejected) for region in b.regions] == [("Cem", True)] and b.people.names == ()


def test_a_wrong_table_names_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("photo,name,x0,y0,x1,y1\na,Ana,1,2,x,4\n")
    with pytest.raises(InputError, match=r"a\.csv: line 2"):
        list(csv_table.read([tmp_path / "a.csv"]))
