"""Galleries that old programs made: each is updated to what a new one is, loses nothing that was said, and answers as before."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from facelib.cli.error_handling import run
from facelib.cli.main import cli
from facelib.cli.run_setup import setup_for
from facelib.model_zoo import registry
from facelib.settings import Settings
from facelib.stages import index, worker_pool
from facelib.stages.index import Options, Report
from facelib.store import schema, undo
from facelib.store.gallery import Gallery
from tests import fakes
from tests.galleries import drop_derived
from tests.gold.galleries import VERSIONS, answers, restore
from tests.gold.make import WHO_STAYS

Content = dict[str, list[tuple[Any, ...]]]

ROOT = Path(__file__).resolve().parents[2]
GIVEN = schema.tables(schema.given_statements())
DERIVED = schema.tables(schema.derived_statements())


def content(path: Path, tables: list[str]) -> Content:
    """The rows of tables with the columns by name, in no order: what they mean."""
    with closing(sqlite3.connect(path)) as db:
        present = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        found = {}
        for table in tables:
            columns = sorted(row[1] for row in db.execute(f"PRAGMA table_info({table})")) if table in present else []
            rows = db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall() if columns else []
            found[table] = sorted((tuple(zip(columns, row, strict=True)) for row in rows), key=repr)
        return found


def with_columns_of(found: Content, other: Content) -> Content:
    """The same rows without the columns that the rows of ``other`` lack."""
    known = {table: {name for row in rows for name, _ in row} for table, rows in other.items()}
    cut = {table: [tuple(cell for cell in row if cell[0] in known[table]) for row in rows] for table, rows in found.items()}
    return {table: sorted(cut[table], key=repr) if other[table] else rows for table, rows in found.items()}


def objects(path: Path) -> dict[tuple[str, str], str]:
    """Tables, indexes and triggers of a gallery, without the layout of their text."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'").fetchall()
        return {(kind, name): re.sub(r"[\s\"]+", "", sql) for kind, name, sql in rows}


def update(path: Path) -> None:
    Gallery.write(path, "test").close()


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    path = tmp_path / "fresh" / "gallery.sqlite"
    update(path)
    return path


@pytest.fixture
def facelib(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., list[Any]]:
    def call(path: Path, *arguments: str) -> list[Any]:
        capfdbinary.readouterr()
        assert run(cli, ["--gallery", str(path), "--json", *arguments]) == 0
        return [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    return call


def test_there_is_a_gallery_of_every_version_before_the_present_one() -> None:
    assert VERSIONS == tuple(range(1, schema.VERSION))


def test_the_history_names_every_version() -> None:
    assert list(schema.HISTORY) == list(range(1, schema.VERSION + 1)) and all(schema.HISTORY.values())


def test_the_program_of_today_can_live_the_scenario(tmp_path: Path) -> None:
    """Else there would be no gallery of its version once the next one comes."""
    code = "import sys; from pathlib import Path; from tests.gold.make import Scenario; Scenario(Path(sys.argv[1])).live()"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    with closing(sqlite3.connect(tmp_path / "gallery.sqlite")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schema_is_that_of_a_fresh_gallery(version: int, tmp_path: Path, fresh: Path) -> None:
    path = restore(version, tmp_path)
    update(path)
    assert objects(path) == objects(fresh)
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(fresh)) as new:
        for table in [*GIVEN, *DERIVED]:
            sql = f"PRAGMA table_xinfo({table})"
            assert db.execute(sql).fetchall() == new.execute(sql).fetchall(), table
        for pragma in ("application_id", "user_version", "journal_mode"):
            assert db.execute(f"PRAGMA {pragma}").fetchone() == new.execute(f"PRAGMA {pragma}").fetchone()


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_was_said_and_found_is_there_row_by_row(version: int, tmp_path: Path) -> None:
    path = restore(version, tmp_path)
    before = content(path, [*GIVEN, *DERIVED])
    update(path)
    after = with_columns_of(content(path, [*GIVEN, *DERIVED]), before)
    assert all(before[table] for table in ("people", "verdicts", "drawn", "enrolled", "changes", "counters"))
    assert {table for table in before if after[table] != before[table]} <= {"choices"}
    assert set(before["choices"]) <= set(after["choices"])
    assert any(dict(row)["error_kind"] for row in after["ledger"])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(("version", "updated"), [*((version, True) for version in VERSIONS), (schema.OLDEST_READABLE, False)])
def test_commands_answer_as_the_old_program_did(version: int, updated: bool, tmp_path: Path, facelib: Callable[..., list[Any]]) -> None:
    path = restore(version, tmp_path)
    if updated:
        update(path)
    asked = answers(version, tmp_path)
    assert {command[0] for command, _ in asked} >= {"people", "find", *(["who"] if version >= WHO_STAYS else [])}
    for command, expected in asked:
        found = facelib(path, *command)
        assert len(found) == len(expected), command
        for new, old in zip(found, expected, strict=True):
            # Answers are only added to.
            assert {key: new[key] for key in old} == old, command


def test_nothing_is_due_in_a_gallery_of_the_version_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = restore(VERSIONS[-1], tmp_path)
    update(path)
    before = content(path, [*GIVEN, *DERIVED])
    monkeypatch.setattr(worker_pool, "work", fakes.work_here(before=lambda job: pytest.fail(f"{job.path} was done again")))
    with Gallery.write(path, "test") as gallery:
        gallery.db.execute("UPDATE ledger SET attempts = 9 WHERE error_kind IS NOT NULL")
        report = Report()
        list(index.run(gallery, setup_for(gallery.models(), Settings()), [tmp_path / "album"], Options(), report))
    assert (report.census.new, report.census.changed, report.tally.due) == (0, 0, 0)
    after = content(path, [*GIVEN, *DERIVED])
    assert {table for table in before if after[table] != before[table]} == {"ledger"}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_derived_can_be_made_anew(version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = restore(version, tmp_path)
    monkeypatch.setattr(worker_pool, "work", fakes.work_here())
    with Gallery.write(path, "test") as gallery:
        named = gallery.db.execute("SELECT id, name FROM people WHERE ended_by IS NULL AND name IS NOT NULL").fetchall()
        said = content(path, ["verdicts", "people", "drawn", "enrolled"])
        drop_derived(gallery)
        setup = setup_for(gallery.models(), Settings())
        monkeypatch.setattr(fakes, "FACE_SIZE", setup.card(registry.FACE_EMBEDDER).dimension)
        list(index.run(gallery, setup, [tmp_path / "album"], Options(), Report()))
        owners = {row[0] for row in gallery.db.execute("SELECT DISTINCT person_id FROM answers WHERE source = 'user'")}
        assert {key for key, _ in named} <= owners
    assert content(path, ["verdicts", "people", "drawn", "enrolled"]) == said


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_the_user_did_can_still_be_undone(version: int, tmp_path: Path) -> None:
    path = restore(version, tmp_path)
    with Gallery.write(path, "test") as gallery:
        standing = sum(not change.undone for change in undo.history(gallery))
        assert standing < len(undo.history(gallery))
        undo.undo(gallery, standing)
        assert gallery.db.execute("SELECT count(*) FROM verdicts WHERE ended_by IS NULL").fetchone() == (0,)
        assert gallery.db.execute("SELECT count(*) FROM people WHERE ended_by IS NULL").fetchone() == (0,)
