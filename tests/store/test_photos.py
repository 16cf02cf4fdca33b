"""Files of one content are one photo, moved and missing files are known again, and rewritten ones keep their verdicts."""

from __future__ import annotations

import os

import pytest

from facelib.errors import PhotoError
from facelib.records import Capture
from facelib.store.gallery import Gallery
from facelib.store.photos import (
    FileRow,
    counts,
    known_files,
    mark_missing,
    mark_present,
    photo_by_sha,
    photos,
    prune,
    put_files,
    set_picture,
)
from facelib.store.rewritten import rewritten_files, transfer_verdicts

from .conftest import add_photo, sha

BAD = PhotoError("permission", "no permission")


def test_two_files_of_one_content_are_one_photo(gallery: Gallery) -> None:
    put_files(gallery, [FileRow("/b.jpg", 1, 2, sha("x")), FileRow("/a.jpg", 1, 3, sha("x")), FileRow("/c.jpg", 1, 2, sha("y"))])
    found = list(photos(gallery))
    assert [(row.sha256, row.path, row.present) for row in found] == [(sha("x"), "/a.jpg", True), (sha("y"), "/c.jpg", True)]
    assert photo_by_sha(gallery, sha("y")) == found[1]
    assert photo_by_sha(gallery, sha("z")) is None
    assert list(photos(gallery, [found[1].id])) == found[1:]


def test_paths_that_are_not_utf8_survive(gallery: Gallery) -> None:
    path = os.fsdecode(b"/p/caf\xe9\xff.jpg")
    put_files(
        gallery, [FileRow(path, 1, 2, sha("x")), FileRow("/p/caf\u00e9 \u4e2d.jpg", 1, 2, sha("y")), FileRow("/q'; --.jpg", 1, 2, sha("y"))]
    )
    assert set(known_files(gallery)) == {path, "/p/caf\u00e9 \u4e2d.jpg", "/q'; --.jpg"}
    assert os.fsencode(next(photos(gallery)).path) == b"/p/caf\xe9\xff.jpg"
    assert set(known_files(gallery, ["/p"])) == {path, "/p/caf\u00e9 \u4e2d.jpg"}


def test_a_prefix_ends_at_a_folder(gallery: Gallery) -> None:
    names = ["/a/b", "/a/b/c.jpg", "/a/bc.jpg", "/a/b.jpg", "/a/b0", "/a/B/c.jpg"]
    put_files(gallery, [FileRow(name, 1, 2, sha(name)) for name in names])
    assert set(known_files(gallery, ["/a/b"])) == set(known_files(gallery, ["/a/b/"])) == {"/a/b", "/a/b/c.jpg"}
    assert set(known_files(gallery, ["/"])) == set(names)
    assert set(known_files(gallery, ["/a/b", "/a/B"])) == {"/a/b", "/a/b/c.jpg", "/a/B/c.jpg"}
    assert known_files(gallery, []) == {}


def test_a_file_that_changes_and_goes_and_comes_back(gallery: Gallery) -> None:
    put_files(gallery, [FileRow("/a.jpg", 1, 2, sha("x"))])
    first = known_files(gallery)["/a.jpg"]
    mark_missing(gallery, [first.id])
    assert known_files(gallery)["/a.jpg"].missing
    row = next(photos(gallery))
    assert (row.path, row.present) == ("/a.jpg", False)
    mark_present(gallery, [first.id])
    assert known_files(gallery)["/a.jpg"] == first
    put_files(gallery, [FileRow("/a.jpg", 5, 6, sha("y"))])
    after = known_files(gallery)["/a.jpg"]
    assert (after.id, after.size, after.sha256) == (first.id, 5, sha("y"))
    assert photo_by_sha(gallery, sha("x")).path == ""  # type: ignore[union-attr]


def test_prune_takes_only_what_no_path_holds(gallery: Gallery) -> None:
    put_files(gallery, [FileRow("/a.jpg", 1, 2, sha("x")), FileRow("/b.jpg", 1, 2, sha("y"))])
    mark_missing(gallery, [known_files(gallery)["/b.jpg"].id])
    assert prune(gallery) == 0
    put_files(gallery, [FileRow("/a.jpg", 1, 3, sha("z"))])
    assert prune(gallery) == 0, "what was said of the former content may hold of the new one"
    (rewrite,) = rewritten_files(gallery)
    transfer_verdicts(gallery, rewrite, [])
    assert prune(gallery) == 1 and not rewritten_files(gallery)
    assert {row.sha256 for row in photos(gallery)} == {sha("y"), sha("z")}


def test_a_moved_file_keeps_its_photo(gallery: Gallery) -> None:
    put_files(gallery, [FileRow("/a.jpg", 1, 2, sha("x"))])
    key = next(photos(gallery)).id
    put_files(gallery, [FileRow("/new/a.jpg", 1, 2, sha("x"))])
    mark_missing(gallery, [known_files(gallery)["/a.jpg"].id])
    prune(gallery)
    row = next(photos(gallery))
    assert (row.id, row.path, row.present) == (key, "/new/a.jpg", True)


def test_unreadable_files_count_their_attempts(gallery: Gallery) -> None:
    for expected in (1, 2, 3):
        put_files(gallery, [FileRow("/a.jpg", 1, 2, None, BAD)])
        file = known_files(gallery)["/a.jpg"]
        assert (file.sha256, file.error_kind, file.attempts) == (None, "permission", expected)
    put_files(gallery, [FileRow("/a.jpg", 9, 2, None, BAD)])
    assert known_files(gallery)["/a.jpg"].attempts == 1
    put_files(gallery, [FileRow("/a.jpg", 9, 2, sha("x"))])
    file = known_files(gallery)["/a.jpg"]
    assert (file.sha256, file.error_kind, file.attempts) == (sha("x"), None, 0)


@pytest.mark.parametrize(
    "capture", [None, Capture("2024-07-01T12:00:00.25+02:00", 1719828000.25, 48.1, -11.5, "exif"), Capture(latitude=1.0)]
)
def test_set_picture(gallery: Gallery, capture: Capture | None) -> None:
    key = add_photo(gallery, "a")
    assert next(photos(gallery)).capture is None
    set_picture(gallery, key, 4032, 3024, capture)
    row = next(photos(gallery))
    assert (row.width, row.height, row.capture) == (4032, 3024, capture)


def test_big_numbers_fit(gallery: Gallery) -> None:
    put_files(gallery, [FileRow("/a", 2**62, -(2**62), sha("x"))])
    assert known_files(gallery)["/a"].size == 2**62


def test_counts_of_an_empty_and_of_a_small_gallery(gallery: Gallery) -> None:
    assert set(vars(counts(gallery)).values()) == {0}
    put_files(gallery, [FileRow("/a", 1, 2, sha("x")), FileRow("/b", 1, 2, sha("x")), FileRow("/c", 1, 2, None, BAD)])
    mark_missing(gallery, [known_files(gallery)["/b"].id])
    now = counts(gallery)
    assert (now.files, now.missing_files, now.unreadable_files, now.photos) == (2, 1, 1, 1)
