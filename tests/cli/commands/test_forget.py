"""``facelib forget``: names, crops and deleted data are gone from every file but the backups, which are listed."""

from __future__ import annotations

import json
from pathlib import Path

from facelib.review import thumbnails
from tests.cli.three_people import Run, names_on, sha_of


def test_forgetting(run: Run, path: Path) -> None:
    place = thumbnails.folder() / sha_of("a")[:2] / sha_of("a")
    place.mkdir(parents=True)
    (place / "crop.jpg").write_text("Ana's face")
    backup = path.with_name("gallery-copy.sqlite")
    backup.write_bytes(path.read_bytes())
    ended = run("forget", "Ana")
    assert ended.code == 2 and "cannot be undone" in ended.err and place.exists()
    ended = run("forget", "Ana", "--yes")
    assert ended.code == 0 and str(backup) in ended.err
    assert not place.exists()
    assert run("find", "Ana").code == 2 and names_on(run, "a") == ["Ben"]
    assert b"Ana" not in path.read_bytes()
    assert run("forget").code == 2
    assert run("forget", "Ben", "--all").code == 2
    assert run("forget", "c3").code == 2
    assert run("forget", "--scrub").code == 0
    assert json.loads(run("forget", "--all", "--yes", "--json").out)["forgotten"]["observations"] == 6
    assert run("people", "--all").out == ""
