"""Every table is strict, given tables do not depend on derived ones, and every foreign key has an index."""

from __future__ import annotations

import re
import sqlite3

from facelib.store import schema
from facelib.store.gallery import Gallery

GIVEN = {"changes", "people", "verdicts", "drawn", "enrolled", "choices", "counters"}


def test_every_table_is_strict_and_on_one_side_of_the_line() -> None:
    given, derived = (set(schema.tables(s)) for s in (schema.given_statements(), schema.derived_statements()))
    assert given == GIVEN
    assert not given & derived
    for statement in (*schema.given_statements(), *schema.derived_statements()):
        if statement.startswith("CREATE TABLE"):
            assert re.search(r"\) STRICT(, WITHOUT ROWID)?;$", statement), statement


def test_no_given_table_points_to_a_derived_one() -> None:
    derived = schema.tables(schema.derived_statements())
    for statement in schema.given_statements():
        assert not set(re.findall(r"REFERENCES (\w+)", statement)) & set(derived)


def test_the_statements_are_the_whole_text() -> None:
    db = sqlite3.connect(":memory:")
    db.executescript(schema.SCHEMA)
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")}
    assert names == set(schema.tables(schema.given_statements())) | set(schema.tables(schema.derived_statements()))


def test_every_foreign_key_has_an_index(gallery: Gallery) -> None:
    """Without one, deleting a row reads the whole table that points to it."""
    db = gallery.db
    history = {"made_by", "ended_by", "undone_by"}
    for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
        leading = {row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5] == 1}
        for index in db.execute(f"PRAGMA index_list({table})").fetchall():
            leading.add(db.execute(f"PRAGMA index_info({index[1]})").fetchone()[2])
        for key in db.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            assert key[3] in leading | history, f"{table}.{key[3]}"
