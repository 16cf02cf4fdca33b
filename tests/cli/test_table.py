"""Tables stand straight, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facelib.cli.table import GAP, Column, shorten, table, width_of

words = st.text(alphabet=st.characters(categories=("L", "N", "P", "S", "M")), max_size=30)


@given(st.lists(st.tuples(words, words, words), max_size=6))
def test_columns_begin_in_one_place(rows: list[tuple[str, str, str]]) -> None:
    lines = table(["name", "photos", Column("faces", right=True)], rows)
    assert len(lines) == len(rows) + 1
    widths = [max(width_of(row[place]) for row in [("name", "photos", "faces"), *rows]) for place in range(3)]
    for line, row in zip(lines[1:], rows, strict=True):
        first = row[0] + " " * (widths[0] - width_of(row[0])) + GAP + row[1]
        assert line.startswith(first.rstrip())
        if row[2]:
            assert width_of(line) == sum(widths) + 2 * len(GAP), "the last column stands at the right"


@given(st.lists(st.tuples(words, words), max_size=6), st.integers(14, 100))
def test_a_table_fits_the_terminal(rows: list[tuple[str, str]], width: int) -> None:
    assert all(width_of(line) <= width for line in table(["a", "b"], rows, width))


@given(words, st.integers(1, 40))
def test_shortened_text_fits_and_is_the_start(text: str, width: int) -> None:
    short = shorten(text, width)
    assert width_of(short) <= width
    assert text == short or text.startswith(short[:-1])


@pytest.mark.parametrize(("text", "cells"), [("Ana", 3), ("王小明", 6), ("Zoe\u0308", 3), ("👍", 2), ("", 0)])
def test_width_of(text: str, cells: int) -> None:
    assert width_of(text) == cells


def test_numbers_stand_at_the_right() -> None:
    assert table(["name", Column("n", right=True)], [("Ana", "7"), ("王", "120")]) == ["name    n", "Ana     7", "王    120"]


def test_what_must_stay_whole_stays_whole() -> None:
    rows = [("Maximiliane-Alexandra", "/a/very/long/path/of/a/photo.jpg")]
    header, row = table([Column("name", whole=True), "photo"], rows, 40)
    assert row == "Maximiliane-Alexandra  /a/very/long/path…"[:40].rstrip("…")[:39] + "…"
    assert header.startswith("name")
