"""The walk finds every photo once, in the same order in every run, and nothing that is hidden or excluded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facelib.errors import InputError
from facelib.photos.walk import Unreachable, WalkedFile, walk


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(root: Path, *exclude: str) -> list[str]:
    return [str(found.path.relative_to(root)) for found in walk([root], exclude) if isinstance(found, WalkedFile)]


def test_files_come_before_folders_and_both_by_name(tmp_path: Path) -> None:
    make(tmp_path, "b/2.JPG", "a/1.heic", "z.png", "B.jpeg", "a/c/3.webp", "notes.txt", "film.mp4")
    assert names(tmp_path) == ["B.jpeg", "z.png", "a/1.heic", "a/c/3.webp", "b/2.JPG"]


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", ns=(5, 1_234_567_890_123_456_789))
    assert list(walk([tmp_path])) == [WalkedFile(tmp_path / "a.jpg", 1, 1_234_567_890_123_456_789)]


def test_hidden_marked_and_system_folders_are_skipped_with_everything_below(tmp_path: Path) -> None:
    make(
        tmp_path,
        "a.jpg",
        ".b.jpg",
        "._a.jpg",
        ".git/c.jpg",
        "@eaDir/a.jpg/t.jpg",
        "#recycle/d.jpg",
        "lost+found/e.jpg",
        "$RECYCLE.BIN/f.jpg",
    )
    make(tmp_path, "app/.nomedia", "app/g.jpg", "app/deep/h.jpg", "other/.noimage", "other/i.jpg")
    assert names(tmp_path) == ["a.jpg"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("Trash", ["2019/private/c.jpg", "2019/x_edited.jpg", "a.jpg"]),
        ("*_edited.*", ["2019/Trash/b.jpg", "2019/private/c.jpg", "a.jpg"]),
        ("2019/private", ["2019/Trash/b.jpg", "2019/x_edited.jpg", "a.jpg"]),
        ("/2019/private/", ["2019/Trash/b.jpg", "2019/x_edited.jpg", "a.jpg"]),
        ("**/private", ["2019/Trash/b.jpg", "2019/x_edited.jpg", "a.jpg"]),
        ("**/2019", ["a.jpg"]),
        ("private/c.jpg", ["2019/Trash/b.jpg", "2019/private/c.jpg", "2019/x_edited.jpg", "a.jpg"]),
        ("", ["2019/Trash/b.jpg", "2019/private/c.jpg", "2019/x_edited.jpg", "a.jpg"]),
    ],
)
def test_exclude(tmp_path: Path, pattern: str, left: list[str]) -> None:
    make(tmp_path, "a.jpg", "2019/Trash/b.jpg", "2019/private/c.jpg", "2019/x_edited.jpg")
    assert sorted(names(tmp_path, pattern)) == left


def test_exclude_takes_an_absolute_path(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "2019/b.jpg")
    assert names(tmp_path, f"{tmp_path}/2019/") == ["a.jpg"]


def test_loops_end_and_linked_folders_are_seen_once_under_their_real_path(tmp_path: Path) -> None:
    make(tmp_path, "z/a.jpg", "outside/b.jpg")
    library = tmp_path / "library"
    make(library, "z/a.jpg")
    (library / "a_link").symlink_to(library / "z")
    (library / "z" / "up").symlink_to(library)
    (library / "elsewhere").symlink_to(tmp_path / "outside")
    assert names(library) == ["z/a.jpg", "elsewhere/b.jpg"]


def test_linked_files_are_followed_and_dangling_ones_reported(tmp_path: Path) -> None:
    make(tmp_path, "real.jpg")
    (tmp_path / "link.jpg").symlink_to("real.jpg")
    (tmp_path / "gone.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    found = list(walk([tmp_path]))
    assert [item.path.name for item in found if isinstance(item, WalkedFile)] == ["link.jpg", "real.jpg"]
    assert {item.path.name: item.error.kind for item in found if isinstance(item, Unreachable)} == {
        "gone.jpg": "missing",
        "loop.jpg": "unreadable",
    }


def test_overlapping_roots_give_every_file_once(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "sub/b.jpg", "notes.txt")
    roots = [tmp_path / "sub", tmp_path, tmp_path / "a.jpg", tmp_path / "sub" / ".." / "a.jpg", tmp_path / "notes.txt", tmp_path]
    paths = [found.path for found in walk(roots)]
    assert sorted(paths) == [tmp_path / "a.jpg", tmp_path / "notes.txt", tmp_path / "sub" / "b.jpg"]


def test_hard_links_are_two_files(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    os.link(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert names(tmp_path) == ["a.jpg", "b.jpg"]


def test_special_files_are_skipped_and_empty_ones_are_not(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "folder.jpg").mkdir()
    assert list(walk([tmp_path])) == [WalkedFile(tmp_path / "empty.jpg", 0, (tmp_path / "empty.jpg").stat().st_mtime_ns)]
    with pytest.raises(InputError, match="neither"):
        walk([tmp_path / "pipe.jpg"])


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    try:
        with open(raw, "wb"):
            pass
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (found,) = walk([tmp_path])
    assert os.fsencode(found.path) == raw
    assert isinstance(found, WalkedFile)


def test_a_relative_root_gives_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert [found.path for found in walk([Path(".")])] == [tmp_path / "a.jpg"]


def test_bad_roots_are_refused_at_once(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    with pytest.raises(InputError, match="does not exist"):
        walk([tmp_path / "a.jpg", tmp_path / "missing"])
    with pytest.raises(InputError, match="does not exist"):
        walk([tmp_path / "a.jpg" / "below-a-file"])


def test_folders_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg", "closed/b.jpg", "open/c.jpg")
    scandir = os.scandir

    def guarded(path: str) -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    # Not by chmod: the superuser, as whom tests run in containers, may read everything.
    monkeypatch.setattr(os, "scandir", guarded)
    found = list(walk([tmp_path]))
    assert [item.path.name for item in found] == ["a.jpg", "closed", "c.jpg"]
    assert isinstance(found[1], Unreachable) and found[1].error.kind == "permission"
    with pytest.raises(InputError, match="no permission"):
        walk([tmp_path / "closed"])


def test_nesting_is_not_limited_by_recursion(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(400):
        folder = folder / "d"
    make(folder, "a.jpg")
    assert len(names(tmp_path)) == 1
