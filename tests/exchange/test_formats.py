"""The table of formats names modules that offer what a format must."""

from __future__ import annotations

from pathlib import Path

import pytest

from facelib.exchange.formats import FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reads_and_finds_its_files_or_says_that_it_cannot(name: str) -> None:
    module = FORMATS[name]
    assert list(module.read([])) == []
    assert module.default_paths is None or module.default_paths([]) == []


def test_where_to_look_without_being_told(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.jpg.json", ".picasa.ini", "b.txt"):
        (tmp_path / name).touch()
    photos = [str(tmp_path / "a.jpg"), str(tmp_path / "gone.jpg"), str(tmp_path / "gone" / "a.jpg")]
    assert FORMATS["xmp"].default_paths(photos) == [tmp_path / "a.jpg"]
    assert FORMATS["picasa"].default_paths(photos) == [tmp_path / ".picasa.ini"]
    assert FORMATS["takeout"].default_paths(photos) == [tmp_path / "a.jpg.json"]
