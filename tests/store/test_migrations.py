"""A migration makes a backup, is done completely or not at all, and keeps the models that a gallery used."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest

from facelib.errors import GalleryError
from facelib.model_zoo.registry import BODY_EMBEDDER, DEFAULTS, FACE_DETECTOR, FACE_EMBEDDER, FACE_JUDGE
from facelib.store import gallery as gallery_module
from facelib.store import migrations, schema
from facelib.store.connection import Connection, connect
from facelib.store.gallery import Gallery
from facelib.store.migrations import migrate
from facelib.store.people import add, people
from tests.gold.galleries import empty

FAKE = 2


def to_2(db: Connection) -> None:
    """Rebuild a table others point to, as a real migration would."""
    db.execute(
        "CREATE TABLE people_2 (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, folded TEXT, hidden INTEGER, created_at TEXT,"
        " made_by INTEGER, ended_by INTEGER, nickname TEXT) STRICT"
    )
    db.execute("INSERT INTO people_2 SELECT id, name, folded, hidden, created_at, made_by, ended_by, 'nick' FROM people")
    db.execute("DROP TABLE people")
    db.execute("ALTER TABLE people_2 RENAME TO people")


def fails_halfway(db: Connection) -> None:
    to_2(db)
    db.execute("SELECT no_such_column FROM people")


def orphans(db: Connection) -> None:
    db.execute("INSERT INTO ledger (photo_id, stage, recipe, at) VALUES (99, 'detect', 'r', 'now')")


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gallery as if the first version were the present one."""
    monkeypatch.setattr(schema, "VERSION", 1)
    monkeypatch.setattr(schema, "OLDEST_READABLE", 1)
    monkeypatch.setattr(gallery_module, "migrate", lambda db: None)
    path = tmp_path / "gallery.sqlite"
    with Gallery.write(path, "test") as gallery:
        add(gallery, "Ana")
    return path


def content(path: Path) -> tuple[int, list[str]]:
    db = sqlite3.connect(path)
    try:
        names = [row[0] for row in db.execute("SELECT name FROM people")]
        return db.execute("PRAGMA user_version").fetchone()[0], names
    finally:
        db.close()


def test_the_steps_lead_from_version_1_to_the_present_one() -> None:
    assert sorted(migrations.MIGRATIONS) == list(range(1, schema.VERSION))


def test_version_2_adds_what_a_new_gallery_has(tmp_path: Path) -> None:
    def held(gallery: Gallery) -> set[str]:
        rows = gallery.db.execute("SELECT sql FROM sqlite_schema WHERE name LIKE 'codes%'").fetchall()
        return {"".join(row[0].split()) for row in rows}

    with Gallery.write(tmp_path / "new.sqlite", "test") as gallery:
        new = held(gallery)
    path = empty(1, tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO people (name, folded, created_at) VALUES ('Ana', 'ana', '2026-11-01T00:00:00Z')")
        db.commit()
    with Gallery.write(path, "test") as gallery:
        assert len(new) == 2 and held(gallery) == new
        assert [person.name for person in people(gallery).values()] == ["Ana"]


def models_after(tmp_path: Path, version: int, seen: bool, **chosen: str | None) -> dict[str, str]:
    """What is in use after the update of a gallery of that version, with a photo that was looked at or none, and choices made."""
    path = empty(version, tmp_path)
    with closing(sqlite3.connect(path)) as db:
        if seen:
            db.execute("INSERT INTO photos (id, sha256) VALUES (1, zeroblob(32))")
            db.execute("INSERT INTO observations (photo_id, source, face_x0) VALUES (1, 'auto', 100)")
        for task, name in chosen.items():
            if name:
                db.execute("INSERT INTO choices (task, model) VALUES (?, ?)", (task.replace("_", "-"), name))
        db.commit()
    with Gallery.write(path, "test") as gallery:
        return gallery.models()


@pytest.mark.parametrize(
    "seen, chosen, kept", [(True, None, "colour-texture"), (True, "body-reid-0286", "body-reid-0286"), (False, None, None)]
)
def test_what_was_looked_at_before_version_2_keeps_its_body_embedder(
    tmp_path: Path, seen: bool, chosen: str | None, kept: str | None
) -> None:
    """Else an update of the program would have every photo looked at again."""
    assert models_after(tmp_path, 1, seen, body_embedder=chosen)[BODY_EMBEDDER] == (kept or DEFAULTS[BODY_EMBEDDER])


@pytest.mark.parametrize("seen, detector, kept", [(True, "yunet", True), (True, "mtcnn", False), (False, "yunet", False)])
def test_what_need_not_be_looked_at_again_keeps_the_opinion_it_had_before_version_3(
    tmp_path: Path, seen: bool, detector: str, kept: bool
) -> None:
    chosen = None if detector == DEFAULTS[FACE_DETECTOR] else detector
    assert models_after(tmp_path, 2, seen, face_detector=chosen)[FACE_JUDGE] == ("detector-view" if kept else DEFAULTS[FACE_JUDGE])


@pytest.mark.parametrize(
    "seen, chosen, kept", [(True, None, "dlib-resnet"), (True, "face-reid-0095", "face-reid-0095"), (False, None, None)]
)
def test_what_was_embedded_before_version_4_keeps_its_face_embedder(
    tmp_path: Path, seen: bool, chosen: str | None, kept: str | None
) -> None:
    assert models_after(tmp_path, 3, seen, face_embedder=chosen)[FACE_EMBEDDER] == (kept or DEFAULTS[FACE_EMBEDDER])


def test_a_migration_with_its_backup(old: Path) -> None:
    db = connect(old, "mode=rw")
    backup = migrate(db, {1: to_2}, FAKE)
    assert db.value("SELECT nickname FROM people") == "nick"
    assert db.value("PRAGMA foreign_keys") == 1
    db.close()
    assert backup == old.with_name("gallery.sqlite.v1.bak")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert content(backup) == (1, ["Ana"])
    assert content(old) == (2, ["Ana"])
    assert not old.with_name("gallery.sqlite.v1.bak.half").exists()


@pytest.mark.parametrize("step", [fails_halfway, orphans])
def test_a_step_that_fails_leaves_the_old_version(old: Path, step: migrations.Migration) -> None:
    db = connect(old, "mode=rw")
    with pytest.raises(GalleryError):
        migrate(db, {1: step}, FAKE)
    assert not db.in_transaction
    db.close()
    assert content(old) == (1, ["Ana"])
    with Gallery.read(old) as gallery:
        assert [person.name for person in people(gallery).values()] == ["Ana"]


def test_the_steps_before_a_failing_one_are_kept(old: Path) -> None:
    db = connect(old, "mode=rw")
    with pytest.raises(GalleryError):
        migrate(db, {1: to_2, 2: fails_halfway}, 3)
    db.close()
    assert content(old)[0] == 2


def test_a_gap_is_an_error_before_anything_is_touched(old: Path) -> None:
    db = connect(old, "mode=rw")
    with pytest.raises(GalleryError, match="cannot update"):
        migrate(db, {}, FAKE)
    db.close()
    assert sorted(p.name for p in old.parent.iterdir()) == ["gallery.sqlite", "gallery.sqlite.lock"]


def test_scripts_are_refused(old: Path) -> None:
    db = connect(old, "mode=rw")
    with pytest.raises(RuntimeError, match="executescript"):
        migrate(db, {1: lambda db: db.executescript("DROP TABLE people")}, FAKE)  # type: ignore[dict-item, return-value]
    db.close()
    assert content(old) == (1, ["Ana"])


def test_a_reader_of_an_older_gallery_is_told_what_to_do_and_a_writer_does_it(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VERSION", FAKE)
    monkeypatch.setattr(schema, "OLDEST_READABLE", FAKE)
    monkeypatch.setattr(gallery_module, "migrate", lambda db: migrate(db, {1: to_2}, FAKE))
    with pytest.raises(GalleryError, match="of version 1") as caught:
        Gallery.read(old)
    assert "facelib index" in str(caught.value.advice)
    with Gallery.write(old, "test") as gallery:
        assert gallery.db.value("PRAGMA user_version") == FAKE
    with Gallery.read(old) as gallery:
        assert gallery.db.value("SELECT nickname FROM people") == "nick"


KILLED = """
    import sys, time
    from pathlib import Path
    from facelib.store.connection import connect
    from facelib.store.migrations import migrate
    def step(db):
        db.execute("UPDATE people SET name = 'half'")
        db.execute("CREATE TABLE extra (x TEXT) STRICT")
        db.executemany("INSERT INTO extra VALUES (?)", (("x" * 1000,) for _ in range(5000)))
        print("ready", flush=True)
        time.sleep(60)
    migrate(connect(Path(sys.argv[1]), "mode=rw"), {1: step}, 2)
"""


def test_killed_within_a_migration(old: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(KILLED), str(old)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert content(old) == (1, ["Ana"])
    assert content(old.with_name("gallery.sqlite.v1.bak")) == (1, ["Ana"])
    db = connect(old, "mode=rw")
    migrate(db, {1: to_2}, FAKE)
    db.close()
    assert content(old) == (2, ["Ana"])
