"""A gallery is private, complete or absent, readable while it is written, and never damaged by what is not a gallery."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from facelib.errors import ExitCode, GalleryBusyError, GalleryError
from facelib.store import schema
from facelib.store.gallery import Gallery
from tests.galleries import drop_derived

from .conftest import add_photo


def test_the_pragmas_hold(gallery: Gallery) -> None:
    value = gallery.db.value
    assert value("PRAGMA application_id") == schema.APPLICATION_ID
    assert value("PRAGMA user_version") == schema.VERSION
    assert value("PRAGMA journal_mode") == "wal"
    assert value("PRAGMA foreign_keys") == 1
    assert value("PRAGMA secure_delete") == 1
    assert value("PRAGMA busy_timeout") >= 1000


def test_two_writers(gallery: Gallery) -> None:
    with pytest.raises(GalleryBusyError, match=rf"'test' \(process {os.getpid()}, since 20") as caught:
        Gallery.write(gallery.path, "second")
    assert caught.value.exit_code == ExitCode.BUSY


def test_a_reader_sees_what_was_committed_and_no_more(gallery: Gallery) -> None:
    gallery.set_note("a", "1")
    with Gallery.read(gallery.path) as reader:
        with gallery.transaction():
            gallery.set_note("a", "2")
            assert reader.note("a") == "1"
        assert reader.note("a") == "2"
        reader.db.execute("BEGIN")
        assert reader.note("a") == "2"
        gallery.set_note("a", "3")
        assert reader.note("a") == "2"
        reader.db.execute("ROLLBACK")
        assert reader.note("a") == "3"


def test_a_reader_cannot_write(gallery: Gallery) -> None:
    with Gallery.read(gallery.path) as reader:
        with pytest.raises(RuntimeError, match="reading only"):
            reader.set_note("a", "b")
        with pytest.raises(GalleryError):
            reader.db.execute("DELETE FROM people")


def test_transactions(gallery: Gallery) -> None:
    with pytest.raises(ZeroDivisionError), gallery.transaction():
        gallery.set_note("a", "1")
        raise ZeroDivisionError
    assert gallery.note("a") is None
    with gallery.transaction():
        gallery.set_note("a", "1")
        with pytest.raises(RuntimeError, match="open already"), gallery.transaction():
            pass
        with pytest.raises(ZeroDivisionError), gallery.atomic():
            gallery.set_note("a", "2")
            raise ZeroDivisionError
        with gallery.atomic(), gallery.atomic():
            gallery.set_note("b", "3")
    assert (gallery.note("a"), gallery.note("b")) == ("1", "3")
    assert not gallery.db.in_transaction


def test_a_full_disk_loses_nothing(gallery: Gallery) -> None:
    gallery.set_note("a", "1")
    gallery.db.execute(f"PRAGMA max_page_count = {gallery.db.value('PRAGMA page_count')}")
    with pytest.raises(GalleryError, match="no room left on the disk"), gallery.transaction():
        for k in range(100_000):
            gallery.set_note(f"key {k}", "x" * 1000)
    assert not gallery.db.in_transaction
    assert gallery.note("a") == "1" and gallery.note("key 0") is None
    gallery.db.execute("PRAGMA max_page_count = 1000000")
    gallery.set_note("b", "2")
    with Gallery.read(gallery.path) as reader:
        assert reader.note("b") == "2"


def test_another_program_that_holds_the_file_is_busy(gallery: Gallery) -> None:
    other = sqlite3.connect(gallery.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    gallery.db.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(GalleryBusyError):
        gallery.set_note("a", "b")
    other.close()


KILLED = """
    import sys, time
    from pathlib import Path
    from facelib.store.gallery import Gallery
    from facelib.store.photos import FileRow, put_files
    with Gallery.write(Path(sys.argv[1]), "facelib index") as gallery:
        gallery.set_note("before", "kept")
        with gallery.transaction():
            put_files(gallery, [FileRow(f"/p/{k}.jpg", 1, 2, f"{k:064x}") for k in range(5000)])
            gallery.set_note("inside", "lost")
            gallery.db.execute("PRAGMA cache_spill = 1")
            print("ready", flush=True)
            time.sleep(60)
"""


def test_killed_within_a_transaction(tmp_path: Path) -> None:
    path = tmp_path / "g.sqlite"
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(KILLED), str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        with pytest.raises(GalleryBusyError, match=rf"'facelib index' \(process {child.pid}"):
            Gallery.write(path, "test")
        with Gallery.read(path) as reader:
            assert reader.note("before") == "kept"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    assert b"facelib index" in path.with_name("g.sqlite.lock").read_bytes()
    with Gallery.write(path, "test") as gallery:
        assert (gallery.note("before"), gallery.note("inside")) == ("kept", None)
        assert gallery.db.value("SELECT count(*) FROM files") == 0
        assert gallery.db.value("PRAGMA integrity_check") == "ok"


def test_drop_derived_keeps_the_schema(gallery: Gallery) -> None:
    def structure() -> list[tuple[str, str]]:
        return gallery.db.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").fetchall()

    before = structure()
    add_photo(gallery, "a")
    drop_derived(gallery)
    assert structure() == before
    assert gallery.db.value("SELECT count(*) FROM photos") == 0


def test_a_forked_worker_does_not_keep_the_lock(tmp_path: Path) -> None:
    code = """
        import os, sys, time
        from facelib.store.gallery import Gallery
        gallery = Gallery.write(sys.argv[1], "parent")
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
        print(child, flush=True)
        time.sleep(60)
    """
    path = tmp_path / "g.sqlite"
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    try:
        time.sleep(0.1)
        parent.kill()
        parent.wait()
        Gallery.write(path, "test").close()
    finally:
        os.kill(worker, signal.SIGKILL)
        parent.stdout.close()
