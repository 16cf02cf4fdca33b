"""What is exported as a table comes back by an import."""

from __future__ import annotations

from pathlib import Path

from facelib.exchange import csv_table
from facelib.exchange.csv_table import TableRow, read_rows, write_rows
from facelib.exchange.exporter import exported_photos
from facelib.exchange.importer import import_records
from tests.foreign import Library


def test_a_table_of_all(library: Library, tmp_path: Path) -> None:
    photo = library.add("a.jpg", 50, 200)
    library.say(photo, 0, "Ana")
    library.say(photo, 1, "Ben", "not")
    rows = [row for each in exported_photos(library.gallery, ["certain", "likely", "unknown"]) for row in each.rows]
    assert [(row.name, row.standing, row.source) for row in rows] == [
        ("Ana", "certain", "user"),
        ("", "unknown", "auto"),
        ("Ben", "not", "user"),
    ]
    with open(tmp_path / "people.csv", "w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        write_rows(rows, file)
    assert [TableRow(*vars(row).values()) for row in read_rows((tmp_path / "people.csv").read_bytes())] == rows
    for table in ("verdicts", "people"):
        library.gallery.db.execute(f"DELETE FROM {table}")
    library.gallery.db.execute("DELETE FROM answers")
    report = import_records(library.gallery, csv_table.read([tmp_path / "people.csv"]), "csv")
    assert library.names(photo) == ["Ana", None] and report.matched == 1
